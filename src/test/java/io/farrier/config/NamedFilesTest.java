package io.farrier.config;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.pki.PemFixture;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Certificates, keys, secrets and image lists that the configuration names. */
class NamedFilesTest {
    private static final String SECRET = "hunter2-do-not-show";

    @TempDir
    private Path root;

    private ConfigFolder folder;

    @BeforeEach
    void makeFolder() {
        folder = new ConfigFolder(root);
        for (String name : List.of("ca.crt", "ca.der", "client.cert", "client.key", "ec.key", "expired-ca.crt")) {
            folder.writeFixture(name, name);
        }
        folder.writeFixture("pkcs1.key", "client-pkcs1.key").writeFixture("encrypted.key", "encrypted.key");
        folder.write("empty", "").write("garbage", "garbage\n").write("secret", SECRET + "\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "pkcs1.key  | pkcs1.key holds no certificate: line 1 is '-----BEGIN RSA PRIVATE KEY-----'",
                "ca.der     | ca.der is DER, and only PEM is read: convert it with 'openssl x509 -inform der'",
                "garbage    | garbage holds no certificate: line 1 is not '-----BEGIN ...-----'",
                "empty      | empty holds no certificate: it is empty",
            })
    void aCaThatIsNoneIsOneClearLine(String file, String saying) {
        assertThat(folder.problems("registries: [{host: a.example, ca: " + file + "}]"))
                .containsExactly("farrier.yaml:1: Configuration property 'registries[0].ca' is wrong: " + saying);
    }

    @Test
    void everyBadFileOfAListIsNamed() {
        assertThat(folder.problems("registries: [{host: a.example, ca: [ca.crt, empty, garbage, absent]}]"))
                .hasSize(3)
                .allSatisfy(problem -> assertThat(problem).containsPattern("ca\\[[123]]' (is wrong|names a file)"));
    }

    @Test
    void anInlineCaIsCheckedTheSame() {
        assertThat(folder.problems("registries:\n  - host: a.example\n    ca_pem: |\n      nothing\n"))
                .containsExactly("farrier.yaml:3: Configuration property 'registries[0].ca_pem' holds no certificate:"
                        + " line 1 is not '-----BEGIN ...-----'");
    }

    @Test
    void anExpiredCaIsAWarningAndNoMistake() throws Exception {
        Loaded<FarrierConfig> loaded = folder.load("registries: [{host: a.example, ca: expired-ca.crt}]");

        assertThat(loaded.config().registries().get(0).ca()).isPresent();
        assertThat(folder.relative(loaded.warnings()))
                .containsExactly("farrier.yaml:1: Configuration property 'registries[0].ca' holds 'CN=Old CA',"
                        + " which expired 2021-01-01T00:00:00Z");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "client.cert | ec.key        | registries[0].client.key' is not the key of 'cert'",
                "client.cert | encrypted.key | which cannot be used: a daemon cannot type a passphrase",
                "client.cert | ca.crt        | holds no private key: line 1 is '-----BEGIN CERTIFICATE-----'",
                "client.key  | client.key    | holds no certificate: line 1 is '-----BEGIN PRIVATE KEY-----'",
            })
    void aClientPairThatWouldFailEveryPullIsRefused(String cert, String key, String saying) {
        assertThat(folder.problems("registries: [{host: a.example, client: {cert: " + cert + ", key: " + key + "}}]"))
                .singleElement()
                .asString()
                .contains(saying);
    }

    @Test
    void aClientPairNeedsBothHalves() {
        assertThat(folder.problems("registries: [{host: a.example, client: {cert: client.cert}}]"))
                .containsExactly("farrier.yaml:1: Configuration property 'registries[0].client.key' is missing");
    }

    @Test
    void aPasswordWrittenWhereItsFileBelongsIsNotRepeated() {
        assertThat(String.join("\n", folder.problems("""
                        registries:
                          - host: a.example
                            auth: {username: robot, password_file: %1$s}
                          - host: b.example
                            auth: %1$s
                          - host: c.example
                            auth: {username: robot, password: %1$s}
                        mirrors: {docker.io: {endpoints: ["https://robot:%1$s@a.example", "https://x/?t=%1$s"]}}
                        collector: {url: "wss://robot:%1$s@c.example/feed", sha256: "", token_file: [%1$s]}
                        """.formatted(SECRET))))
                .contains("password_file' must be the path of a file", "Did you mean 'password_file'?")
                .contains("mirrors[docker.io].endpoints[0]", "endpoints[1]", "collector.url", "collector.token_file")
                .doesNotContain(SECRET);
    }

    @Test
    void aSyntaxErrorDoesNotQuoteTheLine() {
        assertThat(folder.problems("auth:\n  password: " + SECRET + " 'x: [\n\t- y\n"))
                .singleElement()
                .asString()
                .startsWith("farrier.yaml:")
                .contains("is not YAML at column")
                .doesNotContain(SECRET);
    }

    @ParameterizedTest
    @CsvSource({"empty, is empty", "ca.crt, must hold one line of text"})
    void aSecretIsOneLineOfText(String file, String saying) {
        assertThat(folder.problems("registries: [{host: a.example, auth: {username: u, password_file: " + file + "}}]"))
                .singleElement()
                .asString()
                .endsWith(file + " " + saying);
    }

    @Test
    void aSecretThatEveryUserCanReadIsAWarning() throws Exception {
        ConfigFolder.chmod(root, "rwxr-xr-x");
        ConfigFolder.chmod(folder.real("secret"), "rw-r--r--");

        Loaded<FarrierConfig> loaded =
                folder.load("registries: [{host: a.example, auth: {username: u, password_file: secret}}]");

        assertThat(loaded.warnings())
                .singleElement()
                .asString()
                .contains("every user can read", "chmod 600 " + folder.real("secret"));
    }

    @Test
    void aSecretInAClosedFolderIsNone() throws Exception {
        ConfigFolder.chmod(root, "rwxr-xr-x");
        folder.write("farrier.yaml", "registries: [{host: a.example, auth: {username: u, password_file: secret}}]");
        ConfigFolder.chmod(folder.real("secret"), "rw-r--r--");
        ConfigFolder.chmod(folder.real(""), "rwx------");

        assertThat(folder.load().warnings()).isEmpty();
    }

    /** SAFETY 37. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "farrier.yaml",
                "farrier.d",
                "farrier.d/10.yaml",
                "ca.crt",
                "client.cert",
                "client.key",
                "secret",
                "images.d",
                "images.d/a.txt"
            })
    void nothingThatOthersCanWriteIsFollowed(String step) throws Exception {
        folder.write("images.d/a.txt", "busybox")
                .write("farrier.d/10.yaml", """
                registries:
                  - host: a.example
                    ca: ca.crt
                    client: {cert: client.cert, key: client.key}
                    auth: {username: u, password_file: secret}
                """)
                .write("farrier.yaml", "images: {lists: ['images.d/*.txt']}");
        assertThat(folder.problems()).isEmpty();

        ConfigFolder.chmod(folder.real(step), "rwxrwx---");

        assertThat(folder.problems())
                .singleElement()
                .asString()
                .contains(step + " is writable by others than its owner (mode 770)");
    }

    @Test
    void theEffectiveViewSaysEveryValueAndItsOriginAndNoSecret() throws Exception {
        String shown = folder.load("""
                        node: {name: edge-7}
                        registries:
                          - host: a.example
                            ca: ca.crt
                            client: {cert: client.cert, key: client.key}
                            auth: {username: robot, password_file: secret}
                        docker: {daemon_json: {log-opts: {splunk-token: %1$s, max-size: 10m}, p: "http://u:%1$s@x"}}
                        """.formatted(SECRET)).annotated().replace(root + "/etc/farrier/", "");

        assertThat(shown.lines())
                .contains(
                        "mode: observe  # default",
                        "node.name: edge-7  # farrier.yaml:1",
                        "node.distribution: auto  # default",
                        "registries[0].host: a.example  # farrier.yaml:3",
                        "registries[0].ca: ca.crt  # farrier.yaml:4",
                        "registries[0].client.key: client.key (***)  # farrier.yaml:5",
                        "registries[0].auth.password_file: secret (***)  # farrier.yaml:6",
                        "registries[0].insecure: false  # default",
                        "docker.daemon_json[log-opts][splunk-token]: ***  # farrier.yaml:7",
                        "docker.daemon_json[log-opts][max-size]: 10m  # farrier.yaml:7",
                        "docker.daemon_json[p]: http://***@x  # farrier.yaml:7",
                        "intervals.images: 5m  # default");
        assertThat(shown)
                .doesNotContain(SECRET)
                .doesNotContain(new String(PemFixture.bytes("client.key"), US_ASCII)
                        .lines()
                        .skip(1)
                        .findFirst()
                        .get());
    }

    @Test
    void aListsBadLinesAreNamedInTheWordsOfTheReferenceGrammar() {
        folder.write("images.d/a.txt", "busybox\r\nrancher/UPPER\r\nbusybox:\n");

        assertThat(folder.problems("images: {lists: ['images.d/*.txt']}"))
                .containsExactly(
                        "images.d/a.txt:2: invalid reference format: repository name must be lowercase",
                        "images.d/a.txt:3: invalid reference format: 'busybox:'");
    }

    /** SAFETY 37. */
    @ParameterizedTest
    @CsvSource({"../secret", "images.d/../../x", "/etc/passwd", "..", "images.d/.."})
    void aListStaysBelowTheConfigurationsFolder(String glob) {
        assertThat(folder.problems("images: {lists: ['" + glob + "']}"))
                .containsExactly("farrier.yaml:1: Configuration property 'images.lists[0]' must be a file or glob below"
                        + " the configuration's folder, such as images.d/*.txt, without '..'");
    }

    @Test
    void aGlobWithoutFilesIsAWarning() throws Exception {
        assertThat(folder.load("images: {lists: ['images.d/*.txt']}").warnings())
                .singleElement()
                .asString()
                .contains("matches no file: images.d/*.txt");
    }
}
