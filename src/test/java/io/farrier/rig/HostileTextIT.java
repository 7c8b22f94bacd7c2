package io.farrier.rig;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.farrier.pki.issue.CertificateAuthority;
import io.farrier.testing.CannedServer;
import io.farrier.testing.PracticeNode;
import io.farrier.testing.PracticeNode.Result;
import io.farrier.testing.RunningFarrier;
import io.farrier.testing.TestCollector;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Nothing foreign reaches a terminal or a journal raw (SAFETY 35): containers, a registry, a CA and daemon.json all speak
 * to the terminal of whoever looks. Programs get every byte of it, as JSON.
 */
final class HostileTextIT {
    /** Writes the clipboard (OSC 52), clears the screen, forges a line, colours by C1, and reverses what follows (bidi). */
    private static final String HOSTILE = "\u001b]52;c;QUJD\u0007\u001b[2J\r\nFORGED line\u009b31m\u202egnp.\u2066";

    private static final String PRINTF =
            "\\033]52;c;QUJD\\007\\033[2J\\rFORGED line\\302\\23331m\\342\\200\\256gnp.\\342\\201\\246\\n";

    private static final ObjectMapper JSON = new ObjectMapper();

    @RegisterExtension
    final PracticeNode node =
            PracticeNode.named("hostile").daemonJson(json(Map.of("labels", List.of("said=" + HOSTILE))));

    @Test
    void whatOthersSayIsPrintedHarmlesslyAndHandedToProgramsAsItIs() throws Exception {
        node.runScript("etcd", "printf '" + PRINTF + "'; sleep 600", "--label", "said=" + HOSTILE);
        Files.createDirectories(node.file("/etc/farrier/certs"));
        Files.writeString(
                node.file("/etc/farrier/certs/hostile.crt"),
                CertificateAuthority.create(HOSTILE, soonTenYearsAgo()).certificatePem());
        try (CannedServer registry = CannedServer.onAddress(node.hostAddress(), HostileTextIT::complain);
                TestCollector collector = TestCollector.beside(node)) {
            String host = node.hostAddress() + ":" + registry.port();
            node.configure(configuration(host) + collector.section());

            assertHarmless(node.farrier("plan").exited(2));
            assertHarmless(node.farrier("plan", "-o", "json").exited(2));
            try (RunningFarrier agent = node.startFarrier("agent")) {
                agent.says("docker/certs.d: applied").says("docker/daemon.json: applied");
                assertHarmless("the agent's journal", agent.output());
                assertHarmless(node.farrier("images", "pull").exited(3));
                assertHarmless(node.farrier("images", "check").exited(3));
                collector.awaitApi(
                        "/api/findings?node=hostile", seen -> seen.toString().contains("FORGED"));
                assertHarmless(node.farrier("status").exited(3));
                assertHarmless(node.farrier("doctor").exited(3));
                assertHarmless(node.farrier("doctor", "-o", "json").exited(3));

                JsonNode lines = collector.awaitApi(
                        "/api/logs?node=hostile&container=etcd",
                        seen -> !seen.path("lines").isEmpty());
                assertThat(lines.path("lines").get(0).path("text").asText()).isEqualTo(HOSTILE.replace("\n", ""));
                assertThat(collector.api("/api/containers?node=hostile").findValuesAsText("said"))
                        .containsExactly(HOSTILE);
            }
        }
    }

    /** What such a clock makes expires in ten days, which is a finding that names the CA. */
    private static Clock soonTenYearsAgo() {
        return Clock.offset(Clock.systemUTC(), Duration.ofDays(10).minus(CertificateAuthority.CA_LIFETIME));
    }

    private static String json(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String configuration(String registry) {
        return """
                mode: keep
                intervals: {reconcile: 1s, health: 1s, images: 1s}
                registries:
                  - {host: "%s", ca: certs/hostile.crt}
                  - {host: "%s", insecure: true}
                docker: {daemon_json: {labels: ["said=nothing"]}}
                images: {keep: ["%s/evil:1"]}
                """.formatted(node.registry(), registry, registry);
    }

    /** Answers everything but the first knock with an error in the words of a hostile operator. */
    private static void complain(HttpServerRequest request) {
        boolean isKnock = request.path().equals("/v2/");
        request.response()
                .setStatusCode(isKnock ? 200 : 404)
                .putHeader("Content-Type", "application/json")
                .end(json(Map.of(
                        "errors", List.of(Map.of("code", "MANIFEST_UNKNOWN", "message", HOSTILE, "detail", HOSTILE)))));
    }

    private static void assertHarmless(Result result) {
        String command = String.join(" ", result.command());
        assertHarmless(command, result.out());
        assertNothingRaw(command, result.err());
    }

    /** It was there, and did not come through. */
    private static void assertHarmless(String what, String output) {
        assertThat(output).as(what).contains("FORGED line");
        assertThat(output.lines()).as(what).noneMatch(line -> line.startsWith("FORGED line"));
        assertNothingRaw(what, output);
    }

    private static void assertNothingRaw(String what, String output) {
        assertThat(output.codePoints().filter(HostileTextIT::isRaw).mapToObj(Integer::toHexString))
                .as("raw control characters of %s in\n%s", what, output)
                .isEmpty();
    }

    private static boolean isRaw(int c) {
        return c != '\n' && (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT);
    }
}
