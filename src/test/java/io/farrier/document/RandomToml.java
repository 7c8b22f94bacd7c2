package io.farrier.document;

import java.util.Random;

/** Writes hosts.toml as people and programs write it: every quote, indentation, comment, list and line end. */
public final class RandomToml {
    private final Random random;
    private final String indent;
    private final String lineEnd;
    private final StringBuilder text = new StringBuilder();

    public RandomToml(Random random) {
        this.random = random;
        this.indent = pick("", "", "  ", "\t");
        this.lineEnd = random.nextInt(5) == 0 ? "\r\n" : "\n";
    }

    /** A file that containerd reads, in forms that can be edited by lines. */
    public String document() {
        idle("");
        maybe("server = " + quoted("https://front.example"));
        trust("");
        for (int i = random.nextInt(3); i > 0; i--) {
            host("https://m" + i + ".example");
        }
        if (random.nextInt(4) == 0) {
            line("", "[header]");
            line(indent, "x-team = " + pick("\"a\"", "['a', \"b\"]"));
        }
        boolean cut = random.nextInt(4) == 0 && !text.isEmpty();
        return cut ? text.toString().replaceFirst("\r?\n$", "") : text.toString();
    }

    private void host(String url) {
        line(pick("", indent), "[" + pick("host", "host", " host ", "'host'") + "." + pick("\"", "'") + url + "]");
        fixQuote();
        maybe(indent, "capabilities = " + list("pull", "resolve"));
        trust(indent);
        maybe(indent, "override_path = " + random.nextBoolean());
        if (random.nextInt(5) == 0) {
            line(pick("", indent), "[host.\"" + url + "\".header]");
            line(indent + indent, "authorization = \"Basic c2VjcmV0\"");
        }
    }

    /** The quote that was opened last is the one that closes. */
    private void fixQuote() {
        int start = text.lastIndexOf("https://m");
        int end = text.indexOf("]", start);
        text.insert(end, text.charAt(start - 1));
    }

    private void trust(String in) {
        maybe(in, "ca = " + pick(quoted("/etc/ssl/own.crt"), list("/etc/ssl/\u00fc.crt", "own.crt")));
        maybe(in, "client = " + pick("[[\"/c.cert\", '/c.key']]", "\"/both.pem\"", "[['/a', '/b'], ['/c']]"));
        maybe(in, "skip_verify = " + random.nextBoolean());
        maybe(in, "dial_timeout = \"3s\"");
    }

    private String list(String... elements) {
        String between = pick(", ", ",", "," + lineEnd + in(2), " , # why" + lineEnd + in(2));
        String start = between.contains(lineEnd) ? lineEnd + in(2) : pick("", " ");
        StringBuilder list = new StringBuilder("[").append(start);
        int count = random.nextInt(elements.length + 1);
        for (int i = 0; i < count; i++) {
            list.append(i > 0 ? between : "").append(quoted(elements[i]));
        }
        return list.append(count > 0 && random.nextInt(4) == 0 ? "," : "")
                .append(between.contains(lineEnd) ? lineEnd : pick("", " "))
                .append("]")
                .toString();
    }

    private String in(int times) {
        return (indent.isEmpty() ? "  " : indent).repeat(times);
    }

    private void maybe(String words) {
        maybe("", words);
    }

    private void maybe(String in, String words) {
        if (random.nextInt(3) == 0) {
            line(in, words);
        }
    }

    private void line(String in, String words) {
        text.append(in)
                .append(words)
                .append(pick("", "", "", " # why", "  ", "\t# [why]"))
                .append(lineEnd);
        idle(in);
    }

    private void idle(String in) {
        for (int i = random.nextInt(5) - 2; i > 0; i--) {
            text.append(pick("", " ", in + "# ca = \"not me\"", "# [host.\"x\"]", "\t"))
                    .append(lineEnd);
        }
    }

    private String quoted(String word) {
        return pick("\"" + word + "\"", "'" + word + "'");
    }

    private String pick(String... choices) {
        return choices[random.nextInt(choices.length)];
    }
}
