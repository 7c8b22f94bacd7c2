package io.farrier.document;

import java.util.Random;

/** Writes registries.yaml as people write it: every indentation, quote, comment, blank line and line end. */
public final class RandomYaml {
    private final Random random;
    private final int step;
    private final int dashStep;
    private final String lineEnd;
    private final StringBuilder text = new StringBuilder();

    public RandomYaml(Random random) {
        this.random = random;
        this.step = 1 + random.nextInt(4);
        this.dashStep = random.nextInt(step + 1);
        this.lineEnd = random.nextInt(5) == 0 ? "\r\n" : "\n";
    }

    /** A file that k3s starts with. */
    public String document() {
        text.append(pick("", "", "", "\uFEFF", "---" + lineEnd));
        idle(0);
        boolean mirrorsFirst = random.nextBoolean();
        section(mirrorsFirst);
        section(!mirrorsFirst);
        boolean cut = random.nextInt(4) == 0 && text.length() > 0 && text.charAt(text.length() - 1) == '\n';
        return cut ? text.toString().replaceFirst("\r?\n$", "") : text.toString();
    }

    private void section(boolean mirrors) {
        if (random.nextInt(4) == 0) {
            return;
        }
        String name = mirrors ? "mirrors" : "configs";
        if (random.nextInt(5) == 0) {
            line(0, name + ":" + pick("", " {}", " { }", mirrors ? " {a.example: {endpoint: [\"https://x\"]}}" : ""));
            return;
        }
        line(0, name + ":");
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            String key = quoted("h" + i + ".example" + pick("", ":5000"));
            if (mirrors) {
                mirror(key);
            } else {
                config(key);
            }
        }
    }

    private void mirror(String key) {
        if (random.nextInt(4) == 0) {
            line(step, key + ": {" + pick("", "endpoint: [x, 'y' ] ", "\"rewrite\": {a: b}") + "}");
            return;
        }
        line(step, key + ":");
        if (random.nextInt(4) > 0) {
            line(2 * step, "endpoint:");
            for (int i = random.nextInt(3); i >= 0; i--) {
                line(2 * step + dashStep, "- " + quoted("https://m" + i + ".example"));
            }
        }
        if (random.nextInt(3) == 0) {
            line(2 * step, "rewrite:");
            line(3 * step, "\"^a/(.*)$\": " + quoted("b/$1"));
        }
    }

    private void config(String key) {
        line(step, key + ":");
        if (random.nextBoolean()) {
            line(2 * step, "auth:" + pick("", " {username: u}"));
        }
        if (random.nextBoolean()) {
            line(2 * step, "tls:");
            line(3 * step, "ca_file: " + quoted("/etc/ssl/\u00fc\ud83d\ude00.crt"));
            line(3 * step, "insecure_skip_verify: " + pick("true", "no", "Off"));
        }
    }

    private void line(int column, String words) {
        text.append(" ".repeat(column)).append(words);
        text.append(pick("", "", "", " # why", "  ", "\t# why")).append(lineEnd);
        idle(column);
    }

    private void idle(int column) {
        for (int i = random.nextInt(5) - 2; i > 0; i--) {
            text.append(pick(
                            "",
                            " ",
                            " ".repeat(column) + "# - note: [",
                            "# at the margin",
                            " ".repeat(column + 3) + "#"))
                    .append(lineEnd);
        }
    }

    private String quoted(String word) {
        return pick(word, "\"" + word + "\"", "'" + word + "'");
    }

    private String pick(String... choices) {
        return choices[random.nextInt(choices.length)];
    }
}
