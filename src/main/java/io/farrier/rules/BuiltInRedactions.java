package io.farrier.rules;

import java.util.List;

/**
 * Secrets as the parts of a cluster, and what talks to registries, write them. Each find begins with one of the rule's
 * words, so that nothing is looked at where none stands; words without capitals are found whatever their case.
 */
enum BuiltInRedactions {
    PASSWORD(
            "(?i)(?:passw(?:or)?d|passphrase|pwd)[\\\\\"']*\\s*[:=]\\s*[\\\\\"']*([^\\s\"'\\\\,;&]+)",
            "passw",
            "passphrase",
            "pwd=",
            "pwd:",
            "pwd\\",
            "pwd\"",
            "pwd'"),
    QUOTED_PASSWORD(
            "(?i)(?:passw(?:or)?d|passphrase|pwd)[\\\\\"']*\\s*[:=]\\s*[\\\\]*\"([^\"\\\\]+)",
            "passw",
            "passphrase",
            "pwd=",
            "pwd:",
            "pwd\\",
            "pwd\"",
            "pwd'"),
    /** {@code token=x}, {@code "token": "x"}; not {@code token: x}, which is how errors are told. */
    ASSIGNED(
            "(?i)(?:token|secret|(?:secret|access|api)[_-]?key)(?:[\\\\\"']*\\s*=\\s*|[\\\\\"']+\\s*:\\s*)[\\\\\"']*([^\\s\"'\\\\,;&]+)",
            "token",
            "secret",
            "access_key",
            "access-key",
            "accesskey",
            "api_key",
            "api-key",
            "apikey"),
    /** On command lines, and in argument lists as JSON; what begins it is the flag, not the word. */
    FLAG(
            Begins.WITH_DASHES,
            "(?i)--[a-z-]*(?:token|password|passwd|secret|secret-key|api-key)(?:\\s+|[\\\\\"']+\\s*,\\s*[\\\\\"']+)[\\\\\"']*([^\\s\"'\\\\,]+)",
            "token",
            "passw",
            "secret",
            "api-key"),
    BEARER("(?i)bearer\\s+([a-z0-9._~+/=-]{8,})", "bearer"),
    AUTHORIZATION(
            "(?i)authorization[\\\\\"']*\\s*[:=]\\s*[\\\\\"'\\[]*(?:(?:basic|bearer|digest|negotiate)\\s+)?([^\\s\"'\\\\,\\]]+)",
            "authorization"),
    URL("://[^\\s/:@\"'\\\\]*:([^\\s/\"'\\\\]+)@", "://"),
    /** Of Docker's config.json and of registries.yaml: user and password in base64. */
    DOCKER_AUTH(Begins.ALONE, "(?i)auth[\\\\\"']+\\s*:\\s*[\\\\\"']+([a-z0-9+/=]+)", "auth\\", "auth\""),
    /** k3s and RKE2: {@code K10<hash of the CA>::<user>:<password>}. */
    JOIN_TOKEN("K10[0-9a-f]{8,64}::([^\\s\"'\\\\]+)", "K10"),
    /** Rancher's API keys. */
    RANCHER_KEY("(?:token|kubeconfig)-[a-z0-9-]+:([a-z0-9]{40,})", "token", "kubeconfig"),
    JWT("eyJ[A-Za-z0-9_-]{8,}\\.([A-Za-z0-9_-]{8,}(?:\\.[A-Za-z0-9_-]+)?)", "eyJhbG", "eyJ0eX", "eyJraW"),
    /** What follows on the lines after it is hidden by {@link Redactor}. */
    PRIVATE_KEY("PRIVATE KEY-----((?:.|\\n)+)", Mark.OF_KEY);

    /** Where a find begins, as seen from its word. */
    enum Begins {
        WITH_WORD,
        /** With a word that is no end of a longer one. */
        ALONE,
        /** With the two dashes before it. */
        WITH_DASHES
    }

    /** A constant that an enum's own constants can name. */
    static final class Mark {
        static final String OF_KEY = "PRIVATE KEY-----";

        private Mark() {}
    }

    private final Begins begins;
    private final String pattern;
    private final List<String> words;

    BuiltInRedactions(String pattern, String... words) {
        this(Begins.WITH_WORD, pattern, words);
    }

    BuiltInRedactions(Begins begins, String pattern, String... words) {
        this.begins = begins;
        this.pattern = pattern;
        this.words = List.of(words);
    }

    Begins begins() {
        return begins;
    }

    List<String> words() {
        return words;
    }

    Redaction compile(boolean inDockerJson) {
        return new Redaction("built-in " + name(), pattern, inDockerJson);
    }
}
