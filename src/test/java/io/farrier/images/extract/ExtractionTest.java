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

    /** rancher-monitoring: a map for each image, its tag in the values, Rancher's helper before it in the templates. */
    @Test
    void aChartOfRanchersNamesItsImagesByTheirValues() throws IOException {
        chart(
                "rancher-monitoring.tgz",
                Map.of(
                        "rancher-monitoring/Chart.yaml", "name: rancher-monitoring\nversion: 102.0.2\n",
                        "rancher-monitoring/values.yaml", """
                                global: {cattle: {systemDefaultRegistry: registry.example:5000}}
                                alertmanager:
                                  alertmanagerSpec:
                                    image: {repository: rancher/mirrored-prometheus-alertmanager, tag: v0.24.0, sha: ""}
                                prometheusOperator:
                                  image: {repository: rancher/mirrored-prometheus-operator, tag: v0.59.1, sha: "%s"}
                                """.formatted("2".repeat(64)),
                        "rancher-monitoring/templates/alertmanager.yaml", """
                                kind: Alertmanager
                                spec:
                                  image: {{ template "system_default_registry" . }}{{ .Values.alertmanager.alertmanagerSpec.image.repository }}:{{ .Values.alertmanager.alertmanagerSpec.image.tag }}
                                {{- with .Values.extra }}
                                  image: {{ printf "%s:%s" .repository .tag }}
                                {{- end }}
                                """,
                        "rancher-monitoring/crds/crd-alertmanagers.yaml", """
                                kind: CustomResourceDefinition
                                spec: {versions: [{schema: {openAPIV3Schema: {properties: {
                                  image: {type: string, description: Image if specified has precedence.}}}}}]}
                                """));

        assertThat(found())
                .containsExactly(
                        "docker.io/rancher/mirrored-prometheus-alertmanager:v0.24.0",
                        "docker.io/rancher/mirrored-prometheus-operator:v0.59.1@sha256:" + "2".repeat(64),
                        "registry.example:5000/rancher/mirrored-prometheus-alertmanager:v0.24.0");
        assertThat(extraction.result().unresolved()).singleElement().satisfies(each -> {
            assertThat(each.text()).contains("printf");
            assertThat(each.where()).endsWith("templates/alertmanager.yaml:5");
            assertThat(each.because()).isEqualTo("only Helm can render it");
        });
    }

    /** ingress-nginx: {@code image} is the name without its registry. */
    @Test
    void aRegistryBesideANameBelongsToIt() throws IOException {
        chart(
                "ingress-nginx.tgz",
                Map.of(
                        "ingress-nginx/Chart.yaml", "name: ingress-nginx\nappVersion: 1.8.1\n",
                        "ingress-nginx/values.yaml", """
                                controller:
                                  image:
                                    chroot: false
                                    registry: registry.k8s.io
                                    image: ingress-nginx/controller
                                    tag: "v1.8.1"
                                    digest: sha256:%s
                                    pullPolicy: IfNotPresent
                                defaultBackend:
                                  image: {registry: registry.k8s.io, image: defaultbackend-amd64, tag: 1.5}
                                """.formatted("3".repeat(64)),
                        "ingress-nginx/templates/controller-deployment.yaml", """
                                      containers:
                                        - name: controller
                                          {{- with .Values.controller.image }}
                                          image: "{{ if .repository }}{{ .repository }}{{ else }}{{ .registry }}/{{ include "ingress-nginx.image" . }}{{ end }}:{{ .tag }}{{ include "ingress-nginx.imageDigest" . }}"
                                          {{- end }}
                                """));

        assertThat(found())
                .containsExactly(
                        "registry.k8s.io/defaultbackend-amd64:1.5",
                        "registry.k8s.io/ingress-nginx/controller:v1.8.1@sha256:" + "3".repeat(64));
        assertThat(extraction.result().unresolved()).hasSize(1);
    }

    /** cert-manager: no tag in the values, its templates take the chart's version. */
    @Test
    void anImageWithoutATagIsListedWithTheChartsVersionAndNotGuessed() throws IOException {
        chart(
                "cert-manager.tgz",
                Map.of(
                        "cert-manager/Chart.yaml", "name: cert-manager\nappVersion: v1.12.2\n",
                        "cert-manager/values.yaml", """
                                image:
                                  repository: quay.io/jetstack/cert-manager-controller
                                  # tag: canary
                                  pullPolicy: IfNotPresent
                                acmesolver: {image: {repository: quay.io/jetstack/cert-manager-acmesolver}}
                                """,
                        "cert-manager/templates/deployment.yaml", """
                                {{- with .Values.image }}
                                          image: "{{- if .registry -}}{{ .registry }}/{{- end -}}{{ .repository }}{{- if (.digest) -}} @{{ .digest }}{{- else -}}:{{ default $.Chart.AppVersion .tag }} {{- end -}}"
                                {{- end }}
                                """));

        assertThat(found()).isEmpty();
        assertThat(extraction.result().unresolved())
                .extracting(Extracted.Unresolved::text)
                .hasSize(3)
                .contains("quay.io/jetstack/cert-manager-controller", "quay.io/jetstack/cert-manager-acmesolver");
        assertThat(extraction.result().unresolved())
                .anySatisfy(each -> assertThat(each.because()).contains("its appVersion is v1.12.2"));
    }

    @Test
    void findsEphemeralContainersAndImagesOfCustomResources() throws IOException {
        take("pod.yaml", """
                kind: Pod
                spec:
                  containers: [{name: a, image: rancher/a:1}]
                  ephemeralContainers: [{name: d, image: rancher/debug:1, targetContainerName: a}]
                  volumes: [{name: models, image: {reference: rancher/model:1}}]
                ---
                kind: Prometheus
                spec: {image: "quay.io/prometheus/prometheus:v2.45.0", baseImage: ignored}
                """);

        assertThat(found())
                .containsExactly(
                        "docker.io/rancher/a:1",
                        "docker.io/rancher/debug:1",
                        "docker.io/rancher/model:1",
                        "quay.io/prometheus/prometheus:v2.45.0");
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
