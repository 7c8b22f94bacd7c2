package io.farrier.document;

import java.util.Random;

/** Writes objects as people and programs write them: every white space, escape and number that JSON allows. */
public final class RandomJson {
    private static final String[] SPACES = {"", " ", "  ", "\n", "\n    ", "\r\n  ", "\t", " \n\t"};
    private static final String[] TEXTS = {
        "", "a", "\\\"", "\\u00fc", "\u00fc", "\\ud83d\\ude00", "\ud83d\ude00", "x:5000", "\\/"
    };
    private static final String[] NUMBERS = {"0", "-1", "3.50", "1e3", "12345678901234567890", "-0.0"};

    private final Random random;

    public RandomJson(Random random) {
        this.random = random;
    }

    /** An object of up to five members, sometimes with the list {@code "list"}; an empty one has no line break inside. */
    public String document() {
        int members = random.nextInt(6);
        if (members == 0) {
            return pick("{}", "{ }", "{}\n", " {}\r\n", "{\t}");
        }
        StringBuilder text = new StringBuilder(space()).append('{').append(space());
        for (int i = 0; i < members; i++) {
            text.append(i == 0 ? "" : space() + "," + space());
            text.append(i == 1 ? "\"list\"" : "\"k" + i + pick(TEXTS) + "\"")
                    .append(space())
                    .append(':')
                    .append(space());
            text.append(i == 1 ? list(0) : value(0));
        }
        return text.append(space()).append('}').append(space()).toString();
    }

    private String value(int depth) {
        return switch (random.nextInt(depth > 3 ? 4 : 6)) {
            case 0 -> pick("true", "false", "null");
            case 1 -> pick(NUMBERS);
            case 2, 3 -> text();
            case 4 -> list(depth + 1);
            default -> "{" + space() + "\"in\"" + space() + ":" + value(depth + 1) + space() + "}";
        };
    }

    private String list(int depth) {
        StringBuilder list = new StringBuilder("[").append(space());
        for (int i = random.nextInt(4); i > 0; i--) {
            list.append(depth == 0 ? text() : value(depth + 1)).append(space()).append(i > 1 ? "," + space() : "");
        }
        return list.append("]").toString();
    }

    private String text() {
        return '"' + pick(TEXTS) + pick(TEXTS) + '"';
    }

    private String space() {
        return pick(SPACES);
    }

    private String pick(String... choices) {
        return choices[random.nextInt(choices.length)];
    }
}
