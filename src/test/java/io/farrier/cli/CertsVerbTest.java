package io.farrier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.farrier.pki.PemFixture;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CertsVerbTest {
    @TempDir
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void aCaAndACertificateBelowItWithEveryNameAndAddress() throws IOException {
        assertThat(run("certs", "ca", "--name", "Lab CA", "--dir", "DIR")).isZero();
        assertThat(text(out)).contains("Made the CA 'Lab CA', valid until 20", "ca.key is not: whoever reads it");

        assertThat(issue("Registry.Example:5000", "10.0.0.5", "[2001:db8::5]:5000", "2001:db8::6"))
                .isZero();

        assertThat(text(out))
                .contains("registry.example, 10.0.0.5, 2001:db8:0:0:0:0:0:5, 2001:db8:0:0:0:0:0:6, valid until")
                .contains("signed by 'CN=Lab CA'", "http.tls.certificate " + folder.resolve("registry.crt"));
        assertThat(run("certs", "show", "DIR/registry.crt")).isZero();
        assertThat(text(out))
                .contains("1  CN=registry.example", "names      registry.example, 10.0.0.5", "issued by  CN=Lab CA")
                .contains("days left)", "for        server, digital signature", "2  CN=Lab CA", "issued by  itself")
                .contains("nothing is wrong with it");
    }

    @Test
    void keysAreReadableByTheirOwnerAloneAndCertificatesByAll() throws IOException {
        run("certs", "ca", "--dir", "DIR");
        issue("registry.example");
        run("certs", "issue", "--client", "--ca", "DIR", "--dir", "DIR", "worker-1");

        assertThat(mode("ca.key")).isEqualTo("rw-------");
        assertThat(mode("registry.key")).isEqualTo("rw-------");
        assertThat(mode("client.key")).isEqualTo("rw-------");
        assertThat(mode("ca.crt")).isEqualTo("rw-r--r--");
        assertThat(mode("registry.crt")).isEqualTo("rw-r--r--");
        assertThat(run("certs", "show", "DIR/client.cert")).isZero();
        assertThat(text(out)).contains("1  CN=worker-1", "names      (none)", "for        client, digital signature");
    }

    @Test
    void nothingIsOverwrittenUnlessThatIsSaidAndACaNever() throws IOException {
        run("certs", "ca", "--dir", "DIR");
        issue("registry.example");
        byte[] ca = Files.readAllBytes(folder.resolve("ca.crt"));
        byte[] certificate = Files.readAllBytes(folder.resolve("registry.crt"));

        assertThat(run("certs", "ca", "--dir", "DIR")).isEqualTo(1);
        assertThat(text(err))
                .isEqualTo("Tried to write " + folder.resolve("ca.crt")
                        + " but it is there already. Nothing was written.\n");
        assertThat(run("certs", "ca", "--replace", "--dir", "DIR")).isEqualTo(64);
        assertThat(issue("registry.example")).isEqualTo(1);
        assertThat(text(err))
                .contains("registry.crt but it is there already", "--replace")
                .hasLineCount(1);
        assertThat(run("certs", "issue", "--file", "ca", "--replace", "--ca", "DIR", "--dir", "DIR", "x.example"))
                .isEqualTo(64);
        assertThat(folder.resolve("ca.crt")).hasBinaryContent(ca);
        assertThat(folder.resolve("registry.crt")).hasBinaryContent(certificate);

        assertThat(issue("--replace", "registry.example")).isZero();
        assertThat(Files.readAllBytes(folder.resolve("registry.crt"))).isNotEqualTo(certificate);
    }

    @Test
    void aCertificateEndsWithItsCaAtTheLatest() throws IOException {
        run("certs", "ca", "--days", "10", "--dir", "DIR");
        issue("registry.example");

        assertThat(run("certs", "show", "-o", "json", "DIR/registry.crt")).isEqualTo(3);

        JsonNode json = new ObjectMapper().readTree(text(out));
        assertThat(json.at("/certificates/0/not_after")).isEqualTo(json.at("/certificates/1/not_after"));
        assertThat(json.at("/certificates/0/names/0").asText()).isEqualTo("registry.example");
        assertThat(json.at("/certificates/0/purposes/0").asText()).isEqualTo("server");
        assertThat(json.at("/certificates/1/ca").asBoolean()).isTrue();
        assertThat(json.at("/findings/0/text").asText()).startsWith("Certificate 1 expires in 9 day(s), 20");
    }

    @Test
    void badUsageIsNamed() {
        run("certs", "ca", "--dir", "DIR");

        assertThat(issue("not_a name")).isEqualTo(64);
        assertThat(text(err))
                .contains("'not_a name' is neither a host name nor an IP address")
                .hasLineCount(1);
        assertThat(issue("--days", "0", "registry.example")).isEqualTo(64);
        assertThat(text(err)).contains("--days is 0; it must be 1 to 36500");
        assertThat(issue("--file", "../x", "registry.example")).isEqualTo(64);
        assertThat(text(err)).contains("--file is '../x'");
        assertThat(run("certs", "issue", "--ca", "/no/such", "x.example")).isEqualTo(1);
        assertThat(text(err))
                .contains("/no/such/ca.crt but it is not there", "farrier certs ca")
                .hasLineCount(1);
    }

    @Test
    void aCaWhoseKeyOthersCanReadIssuesNothing() throws IOException {
        run("certs", "ca", "--dir", "DIR");
        Files.setPosixFilePermissions(folder.resolve("ca.key"), PosixFilePermissions.fromString("rw-r--r--"));

        assertThat(issue("registry.example")).isEqualTo(1);

        assertThat(text(err))
                .contains("ca.key but its mode is 644: others may have read it")
                .hasLineCount(1);
        assertThat(folder.resolve("registry.crt")).doesNotExist();
    }

    @Test
    void saysWhatIsWrongWithAFile() throws IOException {
        put("old.crt", PemFixture.bytes("expired-ca.crt"));
        assertThat(run("certs", "show", "DIR/old.crt")).isEqualTo(3);
        assertThat(text(out)).contains("(expired)", "! Certificate 1 expired 20");

        put("wiki.crt", PemFixture.bytes("client.cert"));
        assertThat(run("certs", "show", "DIR/wiki.crt")).isZero();
        assertThat(text(out)).contains("- Certificate 1 is a CA and names no host");

        put("ca.der", PemFixture.bytes("ca.der"));
        assertThat(run("certs", "show", "DIR/ca.der")).isEqualTo(3);
        assertThat(text(out)).contains("ca.der is DER, and only PEM is read");

        put("open.key", PemFixture.bytes("ec.key"));
        assertThat(run("certs", "show", "DIR/open.key")).isEqualTo(3);
        assertThat(text(out))
                .contains("- It holds a private key (EC).", "! Others can read the key: its mode is rw-r--r--")
                .doesNotContain("BEGIN", "MIG");

        put("both.pem", join(PemFixture.bytes("ec.cert"), PemFixture.bytes("ec.key")));
        assertThat(run("certs", "show", "DIR/both.pem")).isEqualTo(3);
        assertThat(text(out)).contains("It holds a private key (EC): that of certificate 1.", "so take the key out");

        assertThat(run("certs", "show", "DIR/none.crt")).isEqualTo(1);
        assertThat(text(err)).contains("none.crt, but there is no such file").hasLineCount(1);
        assertThat(run("certs", "show", "no such thing")).isEqualTo(1);
        assertThat(text(err)).contains("there is no such file, and 'no such thing' is not a registry host");
    }

    private int issue(String... more) {
        String[] all = new String[more.length + 6];
        System.arraycopy(new String[] {"certs", "issue", "--ca", "DIR", "--dir", "DIR"}, 0, all, 0, 6);
        System.arraycopy(more, 0, all, 6, more.length);
        return run(all);
    }

    private int run(String... words) {
        out.reset();
        err.reset();
        Screen screen = new Screen(new PrintStream(out, true), new PrintStream(err, true), false);
        String[] line = java.util.Arrays.stream(words)
                .map(word -> word.replace("DIR", folder.toString()))
                .toArray(String[]::new);
        return new Cli(screen).run(line);
    }

    private void put(String name, byte[] bytes) throws IOException {
        Files.write(folder.resolve(name), bytes);
        Files.setPosixFilePermissions(folder.resolve(name), PosixFilePermissions.fromString("rw-r--r--"));
    }

    private static byte[] join(byte[] one, byte[] other) {
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.writeBytes(one);
        both.writeBytes(other);
        return both.toByteArray();
    }

    private String mode(String name) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(name)));
    }

    private static String text(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
