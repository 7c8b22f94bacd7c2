package io.farrier.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HostsTomlTest {
    @Test
    void knowsItsHostsInTheOrderInWhichTheyAreAsked() throws Exception {
        HostsToml hosts = parse("""
                server = "https://registry-1.docker.io"
                [host."https://b.example"]
                  capabilities = ["pull", "resolve"]
                  client = [["/c.cert", "/c.key"]]
                [host."https://b.example".header]
                  x-custom = ["one", "two"]
                [host."https://a.example"]
                  ca = "/ca.crt"
                  dial_timeout = "1s"
                """);
        assertThat(hosts.hosts()).containsExactly("https://b.example", "https://a.example");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "server = 1 | line 1, column 1: 'server' must be a text; containerd ignores the whole file",
                "`\n ca = [1]` | line 2, column 2: 'ca' must be a text or a list of texts; containerd ignores the whole file",
                "skip_verify = \"true\" | line 1, column 1: 'skip_verify' must be true or false; containerd ignores the whole file",
                "`[host.\"https://a\"]\nclient = [[1]]` | line 2, column 1: 'host.\"https://a\".client' must be a text, or a list of texts or of pairs; containerd ignores the whole file",
                "host = \"https://a\" | line 1, column 1: 'host' must be a table; containerd ignores the whole file",
            })
    void refusesWhatContainerdWouldIgnoreAsAWhole(String text, String message) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(InvalidDocumentException.class)
                .hasMessage(message);
    }

    @Test
    void makesAListOfASingleCa() throws Exception {
        HostsToml hosts = parse("ca = '/etc/ssl/own.crt' # ours\n");
        assertThat(text(hosts.withElement(KeyPath.of("ca"), "/b.crt")))
                .isEqualTo("ca = [\"/etc/ssl/own.crt\", \"/b.crt\"] # ours\n");
        assertThat(hosts.withElement(KeyPath.of("ca"), "/etc/ssl/own.crt")).isSameAs(hosts);
    }

    /** containerd 1 reads nothing of a file with a bracket in a table's name: {@code Ipv6IT}. */
    @Test
    void anIpv6AddressIsNoTablesNameAndTheOrderStays() throws Exception {
        HostsToml hosts = HostsToml.empty()
                .with(KeyPath.of("server"), new JsonValue.Text("https://docker.io"))
                .with(capabilities("https://a.example"), PULL)
                .with(capabilities("https://[fd00::1]:5000"), PULL)
                .withElement(KeyPath.of("host", "https://[fd00::1]:5000", "ca"), "/six.crt")
                .with(capabilities("https://b.example"), PULL)
                .with(capabilities("https://[fd00::2]"), PULL);

        assertThat(text(hosts)).isEqualTo("""
                server = "https://docker.io"
                [host."https://a.example"]
                capabilities = ["pull"]
                [host]
                "https://[fd00::1]:5000".capabilities = ["pull"]
                "https://[fd00::1]:5000".ca = ["/six.crt"]
                "https://b.example".capabilities = ["pull"]
                "https://[fd00::2]".capabilities = ["pull"]
                """);
        assertThat(hosts.hosts())
                .containsExactly(
                        "https://a.example", "https://[fd00::1]:5000", "https://b.example", "https://[fd00::2]");
        assertThat(text(hosts.without(capabilities("https://b.example")))).doesNotContain("b.example");
    }

    @Test
    void anIpv6AddressGoesNowhereWhereItWouldBeAskedBeforeOthers() throws Exception {
        HostsToml operators = parse("[host]\n[host.\"https://a.example\"]\ncapabilities = [\"pull\"]\n");

        assertThatThrownBy(() -> operators.with(capabilities("https://[fd00::1]"), PULL))
                .hasMessageContaining("containerd reads no table whose name has a bracket", "put it last");
    }

    private static final JsonValue PULL = JsonValue.Array.ofTexts(java.util.List.of("pull"));

    private static KeyPath capabilities(String url) {
        return KeyPath.of("host", url, "capabilities");
    }

    private static HostsToml parse(String text) throws InvalidDocumentException {
        return HostsToml.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(HostsToml document) {
        return new String(document.bytes(), StandardCharsets.UTF_8);
    }
}
