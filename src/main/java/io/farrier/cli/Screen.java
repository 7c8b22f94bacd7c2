package io.farrier.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.PrintStream;
import java.util.List;

/** Where verbs print. Text is for people and escapes what is foreign; JSON is for programs and is plain ASCII. */
final class Screen {
    /** Made where JSON is printed: it costs as much as all the rest of a short verb. */
    private static final class Json {
        private static final ObjectMapper WRITER = new ObjectMapper()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .configure(JsonGenerator.Feature.ESCAPE_NON_ASCII, true);
    }

    private final PrintStream out;
    private final PrintStream err;
    private final boolean colour;

    Screen(PrintStream out, PrintStream err, boolean colour) {
        this.out = out;
        this.err = err;
        this.colour = colour;
    }

    /** Colour and progress only where a person looks: on a terminal, and not under {@code NO_COLOR}. */
    static Screen ofProcess() {
        boolean terminal = System.console() != null && System.getenv("NO_COLOR") == null;
        return new Screen(System.out, System.err, terminal);
    }

    boolean isTerminal() {
        return colour;
    }

    PrintStream out() {
        return out;
    }

    PrintStream err() {
        return err;
    }

    /** One line of our own and foreign text; whatever is in it, it stays one line. */
    void line(String text) {
        out.println(Printable.line(text));
    }

    void line(Colour ink, String text) {
        out.println(paint(ink, Printable.line(text)));
    }

    /** Text of our own that may have several lines. */
    void raw(String text) {
        out.print(text);
    }

    /** What is foreign, as it is: only where it was asked for. */
    void rawLine(byte[] foreign) {
        out.write(foreign, 0, foreign.length);
        out.write('\n');
    }

    void blank() {
        out.println();
    }

    void complain(String text) {
        err.println(Printable.line(text));
    }

    void json(JsonNode node) {
        try {
            out.println(Json.WRITER.writeValueAsString(node));
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a tree of nodes can always be written", impossible);
        }
    }

    /** One of many: a line each, at once. */
    void jsonLine(JsonNode node) {
        try {
            out.println(Json.WRITER
                    .writer()
                    .without(SerializationFeature.INDENT_OUTPUT)
                    .writeValueAsString(node));
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a tree of nodes can always be written", impossible);
        }
    }

    /** Columns as wide as their widest cell, two spaces between. */
    void table(List<List<String>> rows) {
        int columns = rows.stream().mapToInt(List::size).max().orElse(0);
        int[] widths = new int[columns];
        List<List<String>> safe = rows.stream()
                .map(row -> row.stream().map(Printable::line).toList())
                .toList();
        safe.forEach(row -> {
            for (int i = 0; i < row.size(); i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        });
        for (List<String> row : safe) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                String cell = row.get(i);
                line.append(cell);
                if (i + 1 < row.size()) {
                    line.append(" ".repeat(widths[i] - cell.length() + 2));
                }
            }
            out.println(line.toString().stripTrailing());
        }
    }

    private String paint(Colour ink, String text) {
        return colour ? "\033[" + ink.code + "m" + text + "\033[0m" : text;
    }

    enum Colour {
        GREEN("32"),
        YELLOW("33"),
        RED("31"),
        BOLD("1"),
        FAINT("2");

        private final String code;

        Colour(String code) {
            this.code = code;
        }
    }
}
