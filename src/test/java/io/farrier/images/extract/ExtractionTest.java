package io.farrier.images.extract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farrier.image.Reference;
import io.farrier.testing.TinyImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ExtractionTest {
    @TempDir
    Path folder;

    private final Extraction extraction = new Extraction();

    @Test
    void findsTheImagesOfAllContainersOfAllDocuments() throws IOException {
        take("deployment.yaml", """
                apiVersion: apps/v1
                kind: Deployment
                spec:
                  template:
                    spec:
                      initContainers: [{name: i, image: "busybox"}]
                      containers:
                        - {name: a, image: rancher/kubectl:v1.26.3}
                        - {name: b, image: rancher/kubectl:v1.26.3}
                ---
                kind: CronJob
                spec: {jobTemplate: {spec: {template: {spec: {containers: [{image: "reg:5000/job@sha256:%s"}]}}}}}
                """.formatted("1".repeat(64)));

        assertThat(found())
                .containsExactly(
                        "docker.io/library/busybox:latest",
                        "docker.io/rancher/kubectl:v1.26.3",
                        "reg:5000/job@sha256:" + "1".repeat(64));
        assertThat(extraction.result().placesOf(Reference.parse("rancher/kubectl:v1.26.3")))
                .hasSize(2);
        assertThat(extraction.result().unresolved()).isEmpty();
    }

    @Test
    void findsTheSystemImagesOfRke() throws IOException {
        take("cluster.yml", """
                nodes: [{address: 10.0.0.1, role: [etcd]}]
                system_images:
                  etcd: rancher/mirrored-coreos-etcd:v3.5.4
                  pod_infra_container: rancher/mirrored-pause:3.6
                  aci_cni_deploy_container: ""
                services: {kubelet: {image: rancher/hyperkube:v1.24.9-rancher1}}
                """);

        assertThat(found())
                .containsExactly(
                        "docker.io/rancher/hyperkube:v1.24.9-rancher1",
                        "docker.io/rancher/mirrored-coreos-etcd:v3.5.4",
                        "docker.io/rancher/mirrored-pause:3.6");
    }

    @Test
    void readsAChartWithoutRunningIt() throws IOException {
        chart(
                "cis.tgz",
                Map.of(
                        "cis/Chart.yaml", "name: cis\nversion: 6.0.0\nappVersion: v6.7.8\n",
                        "cis/values.yaml", """
                                image:
                                  cisoperator: {repository: rancher/cis-operator, tag: v1.0.12}
                                  shell: {repository: rancher/shell, tag: ""}
                                sidecar: {registry: quay.io, repository: a/b, tag: v1, digest: ""}
                                plain: rancher/plain
                                git: {repository: "https://git.example/x.git", tag: v1}
                                """,
                        "cis/templates/deployment.yaml", """
                                kind: Deployment
                                {{- if .Values.rbac }}
                                containers:
                                - image: '{{ template "system_default_registry" . }}{{ .Values.image.cisoperator.repository }}:{{ .Values.image.cisoperator.tag }}'
                                - image: {{ .Values.plain | quote }}
                                - image: "{{ .Values.plain }}:{{ .Values.nothing | default .Chart.AppVersion }}"
                                - image: rancher/literal:1 # as it is
                                - image: {{ include "cis.image" . }}
                                  imagePullPolicy: {{ .Values.pull }}
                                {{- end }}
                                """));

        assertThat(found())
                .containsExactly(
                        "docker.io/rancher/cis-operator:v1.0.12",
                        "docker.io/rancher/literal:1",
                        "docker.io/rancher/plain:latest",
                        "docker.io/rancher/plain:v6.7.8",
                        "quay.io/a/b:v1");
        assertThat(extraction.result().unresolved())
                .extracting(Extracted.Unresolved::text)
                .containsExactlyInAnyOrder("{{ include \"cis.image\" . }}", "rancher/shell");
        assertThat(extraction.result().unresolved())
                .anySatisfy(each -> assertThat(each.where()).endsWith("cis/templates/deployment.yaml:8"));
    }

    @Test
    void aChartInAChartHasItsOwnValues() throws IOException {
        chart(
                "outer.tgz",
                Map.of(
                        "outer/Chart.yaml", "name: outer\n",
                        "outer/values.yaml", "tag: outer\n",
                        "outer/charts/inner/Chart.yaml", "name: inner\n",
                        "outer/charts/inner/values.yaml", "tag: inner\n",
                        "outer/charts/inner/templates/a.yaml", "image: app:{{ .Values.tag }}\n"));

        assertThat(found()).containsExactly("docker.io/library/app:inner");
    }

    @Test
    void whatIsNoReferenceAndWhatIsNoYamlIsListedAsSuch() throws IOException {
        take("a.yaml", "image: Not A Reference\n");
        take("b.yaml", "image: {{ broken\n");

        assertThat(found()).isEmpty();
        assertThat(extraction.result().unresolved()).hasSize(2);
    }

    @Test
    void niceErrorOnAChartThatIsCutOff() throws IOException {
        Path chart = chart("cut.tgz", Map.of("c/Chart.yaml", "name: c\n"));
        byte[] bytes = Files.readAllBytes(chart);
        Files.write(chart, java.util.Arrays.copyOf(bytes, bytes.length / 2));

        assertThatThrownBy(() -> new Extraction().take(chart))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cut.tgz")
                .hasMessageContaining("cut off");
    }

    private java.util.List<String> found() {
        return extraction.result().references().stream()
                .map(Reference::toString)
                .toList();
    }

    private void take(String name, String text) throws IOException {
        extraction.take(Files.writeString(folder.resolve(name), text));
    }

    private Path chart(String name, Map<String, String> files) throws IOException {
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        new TreeMap<>(files).forEach((path, text) -> {
            byte[] bytes = text.getBytes(UTF_8);
            tar.writeBytes(TinyImage.header(path, bytes.length, '0', ""));
            tar.writeBytes(bytes);
            tar.writeBytes(new byte[(512 - bytes.length % 512) % 512]);
        });
        tar.writeBytes(new byte[1024]);
        ByteArrayOutputStream gzip = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(gzip)) {
            tar.writeTo(out);
        }
        Path file = Files.write(folder.resolve(name), gzip.toByteArray());
        extraction.take(file);
        return file;
    }
}
