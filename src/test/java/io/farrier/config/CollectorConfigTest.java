package io.farrier.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.farrier.config.CollectorConfig.Listen;
import io.farrier.config.CollectorConfig.OwnCertificate;
import io.farrier.config.CollectorConfig.Retention;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CollectorConfigTest {
    @TempDir
    private Path root;

    @Test
    void saysNothingAndGetsTheDefaults() throws Exception {
        assertThat(folder().loadCollector("").config())
                .isEqualTo(new CollectorConfig(
                        new Listen("", 8470),
                        List.of(),
                        Path.of("/var/lib/farrier-collector"),
                        Path.of("/var/lib/farrier-collector/packages"),
                        new Retention(7, 2L << 30),
                        CollectorConfig.Lines.DEFAULT,
                        Optional.empty()));
    }

    @Test
    void everyPropertyArrivesWhereItBelongs() throws Exception {
        folder().writeFixture("c.crt", "client.cert").writeFixture("c.key", "client.key");

        assertThat(folder().loadCollector("""
                        listen: 192.0.2.1:443
                        names: [collector.example, 192.0.2.10, "2001:db8::1"]
                        state_dir: /srv/collector
                        packages: /srv/packages
                        retention: {days: 30, size: 500MiB}
                        lines:
                          node_rate: 20MiB
                          patterns: {dated: {begin: "^[0-9]{4}-"}}
                          join: {shop: dated, rancher: java}
                        tls: {cert: c.crt, key: c.key}
                        """).config())
                .isEqualTo(new CollectorConfig(
                        new Listen("192.0.2.1", 443),
                        List.of("collector.example", "192.0.2.10", "2001:db8::1"),
                        Path.of("/srv/collector"),
                        Path.of("/srv/packages"),
                        new Retention(30, 500L << 20),
                        new CollectorConfig.Lines(
                                Optional.of(20L << 20),
                                Map.of(
                                        "dated",
                                        new CollectorConfig.JoinPattern(Optional.of("^[0-9]{4}-"), Optional.empty())),
                                Map.of("shop", "dated", "rancher", "java")),
                        Optional.of(new OwnCertificate(Path.of("/etc/farrier/c.crt"), Path.of("/etc/farrier/c.key")))));
    }

    @Test
    void saysWhatIsWrongWithPatternsOfLines() {
        assertThat(problems("""
                        lines:
                          patterns:
                            java: {begin: "^x"}
                            both: {begin: "^x", continue: "^ "}
                            wrong: {begin: "(?=x)"}
                          join: {shop: nothing}
                        """))
                .hasSize(4)
                .anySatisfy(problem -> assertThat(problem).contains("java", "is not a free name"))
                .anySatisfy(problem -> assertThat(problem).contains("both", "exactly one of 'begin' and 'continue'"))
                .anySatisfy(problem -> assertThat(problem).contains("wrong", "regular expression"))
                .anySatisfy(problem -> assertThat(problem).contains("'shop'", "'nothing'", "java, go, python, traces"));
    }

    @Test
    void aRateInWhichANodeNeverCatchesUpIsRefused() throws Exception {
        assertThat(problems("lines: {node_rate: 1KiB}"))
                .singleElement()
                .asString()
                .contains("'lines.node_rate' is 1024 bytes a second", "expected 64KiB or more");
        assertThat(folder().loadCollector("lines: {node_rate: 64KiB}")
                        .config()
                        .lines()
                        .nodeRate())
                .contains(64L << 10);
    }

    @Test
    void allMistakesComeInOneReport() {
        folder().writeFixture("c.crt", "client.cert").writeFixture("other.key", "ec.key");

        assertThat(problems("""
                        listen: 0.0.0.0:84700
                        names: ["two words"]
                        retention: {days: 0, size: 2GB}
                        tls: {cert: c.crt, key: other.key}
                        token: x
                        """))
                .containsExactly(
                        "collector.yaml:1: Configuration property 'listen' is wrong:"
                                + " port 84700 is out of range (1 to 65535)",
                        "collector.yaml:2: Configuration property 'names[0]' must be a host name or address,"
                                + " but is 'two words'",
                        "collector.yaml:3: Configuration property 'retention.days' must be a whole number from 1 to"
                                + " 3650, but is '0'",
                        "collector.yaml:3: Configuration property 'retention.size' must be a size such as 500MiB or"
                                + " 2GiB, but is '2GB'",
                        "collector.yaml:4: Configuration property 'tls.key' is not the key of 'cert';"
                                + " with such a pair every handshake fails",
                        "collector.yaml:5: Configuration property 'token' is not known.");
    }

    @ParameterizedTest
    @CsvSource({"':8470', ''", "0.0.0.0:8470, ''", "'[::]:8470', ''", "'[::1]:8470', ::1", "localhost:8470, localhost"})
    void listensWhereItIsTold(String listen, String host) throws Exception {
        assertThat(folder().loadCollector("listen: \"" + listen + "\"").config().listen())
                .isEqualTo(new Listen(host, 8470));
    }

    private List<String> problems(String yaml) {
        return folder().relative(catchThrowableOfType(InvalidConfigException.class, () -> folder().loadCollector(yaml))
                .problems());
    }

    private ConfigFolder folder() {
        return new ConfigFolder(root);
    }
}
