package io.farrier.document;

/** What every golden registries.yaml is asked for: a mirror more, a rewrite, a registry with login and trust. */
final class Trusted {
    static final KeyPath REGISTRY = KeyPath.of("configs", "reg.example:5000");

    private Trusted() {}

    static RegistriesYaml of(RegistriesYaml document) throws InvalidDocumentException {
        KeyPath hub = KeyPath.of("mirrors", "docker.io");
        return document.withElement(hub.child("endpoint"), "https://reg.example:5000/proxy")
                .with(hub.child("rewrite").child("^rancher/(.*)"), new JsonValue.Text("mirrors/$1"))
                .withElement(KeyPath.of("mirrors", "reg.example:5000", "endpoint"), "https://reg.example:5000")
                .with(REGISTRY.child("auth").child("username"), new JsonValue.Text("robot"))
                .with(REGISTRY.child("auth").child("password"), new JsonValue.Text("s\"e\\c'r#t: \u00fc"))
                .with(REGISTRY.child("tls").child("insecure_skip_verify"), new JsonValue.Bool(true));
    }
}
