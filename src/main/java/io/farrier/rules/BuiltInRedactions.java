package io.farrier.rules;

import java.util.List;

/** Secrets as the parts of a cluster, and what talks to registries, write them. */
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
    /** On command lines, and in argument lists as JSON. */
    FLAG(
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
    DOCKER_AUTH("(?i)[\\\\\"']auth[\\\\\"']+\\s*:\\s*[\\\\\"']+([a-z0-9+/=]+)", "auth\\", "auth\""),
    /** k3s and RKE2: {@code K10<hash of the CA>::<user>:<password>}. */
    JOIN_TOKEN("K10[0-9a-f]{8,64}::([^\\s\"'\\\\]+)", "k10"),
    /** Rancher's API keys. */
    RANCHER_KEY("(?:token|kubeconfig)-[a-z0-9-]+:([a-z0-9]{40,})", "token", "kubeconfig"),
    JWT("eyJ[A-Za-z0-9_-]{8,}\\.([A-Za-z0-9_-]{8,}(?:\\.[A-Za-z0-9_-]+)?)", "eyjhbg", "eyj0ex", "eyjraw"),
    /** What follows on the lines after it is hidden by {@link Redactor}. */
    PRIVATE_KEY("PRIVATE KEY-----((?:.|\\n)+)", "private key-----");

    private final String pattern;
    private final List<String> literals;

    BuiltInRedactions(String pattern, String... literals) {
        this.pattern = pattern;
        this.literals = List.of(literals);
    }

    Redaction compile(boolean inDockerJson) {
        return new Redaction("built-in " + name(), pattern, literals, inDockerJson);
    }
}
