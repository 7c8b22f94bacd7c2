package io.farrier.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a tree of files: no Docker, no Kubernetes, no collector runs. */
class LogsVerbTest {
    private static final String ID = "0123456789abcdef";

    @TempDir
    Path root;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeEach
    void nodeWithDockerAndPods() throws IOException {
        write("etc/farrier/farrier.yaml", "logs: {include: [\"shop/*/*\"]}\n");
        docker(ID, "etcd", "");
        docker("feedfeedfeedfeed", "customer", "");
    }

    @Test
    void showsADockerContainersLinesFromAllItsFilesAndJoinsWhatWasSplit() throws IOException {
        String log = "var/lib/docker/containers/" + ID + "/" + ID + "-json.log";
        write(log, docker("tail of it\\n", "stdout", 4) + docker("last\\n", "stderr", 5));
        write(log + ".1", docker("second\\n", "stdout", 2) + docker("head and ", "stdout", 3));
        zip(log + ".2.gz", docker("first\\n", "stdout", 1));

        assertThat(run("logs etcd")).isZero();

        assertThat(text(out)).isEqualTo("first\nsecond\nhead and tail of it\nlast\n");
    }

    @Test
    void showsAPodsLinesOverRestartsAndTheKubeletsRotation() throws IOException {
        String folder = "var/log/pods/shop_web-1_0a1b/web/";
        write(folder + "0.log", cri("stdout", "F", "before the restart"));
        zip(folder + "1.log.20261120-150405.gz", cri("stdout", "F", "oldest"));
        write(folder + "1.log.20261120-160405", cri("stdout", "P", "half ") + cri("stderr", "F", "between"));
        write(folder + "1.log.20261120-170405.tmp", "being compressed");
        write(folder + "1.log", cri("stdout", "F", "whole") + cri("stdout", "P", "unfinished"));

        assertThat(run("logs web-1/web")).isZero();

        assertThat(text(out)).isEqualTo("before the restart\noldest\nbetween\nhalf whole\nunfinished\n");
    }

    @Test
    void followsTheKubeletsLinkToDockersFileOnRke1() throws IOException {
        docker("aaaabbbbccccdddd", "k8s_web_web-1_shop_u_0", "\"io.kubernetes.container.name\":\"web\"");
        String log = "var/lib/docker/containers/aaaabbbbccccdddd/aaaabbbbccccdddd-json.log";
        write(log, docker("now\\n", "stdout", 2));
        write(log + ".1", docker("then\\n", "stdout", 1));
        Path link = root.resolve("var/log/pods/shop_web-1_u/web/0.log");
        Files.createDirectories(link.getParent());
        Files.createSymbolicLink(link, Path.of("/" + log));

        assertThat(run("logs shop/web-1/web")).isZero();

        assertThat(text(out)).isEqualTo("then\nnow\n");
    }

    @Test
    void whatAContainerWroteReachesATerminalEscapedUnlessItIsAskedForRaw() throws IOException {
        String osc52 = "\\u001b]52;c;ZXZpbA==\\u0007 \\r\\u202etxt";
        write("var/lib/docker/containers/" + ID + "/" + ID + "-json.log", docker(osc52 + "\\n", "stdout", 1));

        assertThat(run("logs etcd")).isZero();
        assertThat(text(out)).isEqualTo("\\x1b]52;c;ZXZpbA==\\x07 \\r\\u202etxt\n");

        assertThat(run("logs --raw etcd")).isZero();
        assertThat(text(out)).isEqualTo("\u001b]52;c;ZXZpbA==\u0007 \r\u202etxt\n");

        assertThat(run("logs -o json etcd")).isZero();
        assertThat(text(out)).contains("\"stream\":\"stdout\"", "\\u001B]52").doesNotContain("\u001b", "\u202e");
    }

    @Test
    void aNameThatMeansSeveralOrNoneIsAnErrorThatSaysWhich() throws IOException {
        write("var/log/pods/a_x_1/web/0.log", "");
        write("var/log/pods/b_x_2/web/0.log", "");

        assertThat(run("logs web")).isEqualTo(1);
        assertThat(text(err)).contains("a/x/web, b/x/web").hasLineCount(1);
        assertThat(run("logs nothing")).isEqualTo(1);
        assertThat(text(err)).contains("--would-ship");
        assertThat(run("logs " + ID.substring(0, 6)))
                .as("the beginning of an id")
                .isZero();
    }

    @Test
    void saysWhichContainersLinesWouldLeaveTheNodeAndWhy() throws IOException {
        write("var/log/pods/shop_web-1_u/web/0.log", "");
        write("var/log/pods/kube-system_dns_u/dns/0.log", "");
        write("var/log/pods/bank_core_u/core/0.log", "");

        assertThat(run("logs --would-ship")).isZero();

        assertThat(text(out))
                .containsPattern("etcd +yes +it is RKE's etcd")
                .containsPattern("customer +no +it is no part of the cluster and logs.include does not name it")
                .containsPattern("shop/web-1/web +yes +logs.include has 'shop/\\*/\\*'")
                .containsPattern("kube-system/dns/dns +yes +its namespace is kube-system")
                .containsPattern("bank/core/core +no +it is a workload");
        assertThat(run("logs --would-ship -o json")).isZero();
        assertThat(text(out)).contains("\"ships\" : false", "/var/log/pods/bank_core_u/core/0.log");
    }

    @Test
    void saysWhichFilesAndUnitsWouldLeaveTheNodeAndWhatIsReadThroughDocker() throws IOException {
        write("etc/farrier/farrier.yaml", """
                logs:
                  files: ["/var/log/rke2/*.log"]
                  units: [ssh.service]
                  exclude: ["kubelet.*"]
                """);
        write("var/log/rke2/audit.log", "one\n");
        Files.createSymbolicLink(root.resolve("var/log/rke2/secret.log"), Path.of("/etc/shadow"));
        docker("beefbeefbeefbeef", "kube-proxy", "", "");

        assertThat(run("logs --would-ship")).isZero();

        assertThat(text(out))
                .containsPattern("kube-proxy +yes +it is RKE's kube-proxy, through Docker's API: its logging driver")
                .containsPattern("/var/log/rke2/audit.log +yes +logs.files has '/var/log/rke2/\\*.log'")
                .doesNotContainPattern("secret.log +yes")
                .containsPattern("ssh.service +yes +logs.units has 'ssh.service'")
                .containsPattern("docker.service +yes +it is a part of Kubernetes or its runtime")
                .containsPattern("kubelet.service +no +logs.exclude has 'kubelet.\\*'");
    }

    @Test
    void theJsonOfItSaysTheSame() throws IOException {
        write("etc/farrier/farrier.yaml", "logs: {files: [/var/log/audit.log], exclude: [k3s.service]}\n");
        write("var/log/audit.log", "one\n");
        docker("beefbeefbeefbeef", "kube-proxy", "", "");

        assertThat(run("logs --would-ship -o json")).isZero();

        JsonNode sources = new ObjectMapper().readTree(text(out)).path("sources");
        JsonNode proxy = only(sources, "container", "kube-proxy");
        assertThat(proxy.path("ships").asBoolean()).isTrue();
        assertThat(proxy.path("because").asText()).contains("leaves no file");
        assertThat(proxy.has("file")).isFalse();
        assertThat(only(sources, "file", "/var/log/audit.log").path("ships").asBoolean())
                .isTrue();
        assertThat(only(sources, "unit", "k3s.service").path("ships").asBoolean())
                .isFalse();
        assertThat(only(sources, "unit", "k3s-agent.service").path("ships").asBoolean())
                .isTrue();
    }

    private static JsonNode only(JsonNode sources, String field, String value) {
        List<JsonNode> found = new ArrayList<>();
        sources.forEach(source -> {
            if (source.path(field).asText().equals(value)) {
                found.add(source);
            }
        });
        assertThat(found).as(field + " " + value).hasSize(1);
        return found.get(0);
    }

    private int run(String line) {
        out.reset();
        err.reset();
        return new Cli(new Screen(new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), false))
                .run((line + " --root " + root).split(" "));
    }

    private static String text(ByteArrayOutputStream bytes) {
        return bytes.toString(UTF_8);
    }

    /** As dockerd 20.10 writes it; what nobody reads is left out. */
    private void docker(String id, String name, String labels) throws IOException {
        docker(id, name, labels, "/var/lib/docker/containers/" + id + "/" + id + "-json.log");
    }

    /** @param log empty with a driver that leaves no such file */
    private void docker(String id, String name, String labels, String log) throws IOException {
        String folder = "var/lib/docker/containers/" + id + "/";
        write(
                folder + "config.v2.json",
                "{\"ID\":\"" + id + "\",\"Name\":\"/" + name + "\",\"Config\":{\"Image\":\"i:1\",\"Labels\":{" + labels
                        + "}},\"LogPath\":\"" + log + "\"}");
    }

    private static String docker(String escaped, String stream, int second) {
        return "{\"log\":\"" + escaped + "\",\"stream\":\"" + stream + "\",\"time\":\"2026-11-20T12:00:0" + second
                + "Z\"}\n";
    }

    private static String cri(String stream, String tag, String content) {
        return "2026-11-20T12:00:00.123456789+01:00 " + stream + " " + tag + " " + content + "\n";
    }

    private void write(String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING);
    }

    private void zip(String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        try (GZIPOutputStream gzip = new GZIPOutputStream(Files.newOutputStream(file))) {
            gzip.write(text.getBytes(UTF_8));
        }
    }
}
