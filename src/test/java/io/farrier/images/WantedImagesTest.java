package io.farrier.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class WantedImagesTest {
    private static final Optional<RegistryHost> DEFAULT_REGISTRY =
            Optional.of(RegistryHost.parse("registry.example:5000"));

    @Test
    void namesImagesAsPodsAskForThemBehindASystemDefaultRegistry() {
        assertThat(names(wanted(DEFAULT_REGISTRY, "rancher/kubectl:v1", "docker.io/rancher/shell:v1")))
                .containsExactly("registry.example:5000/rancher/kubectl:v1", "registry.example:5000/rancher/shell:v1");
    }

    @Test
    void leavesImagesOfOtherRegistriesWhereTheyAre() {
        assertThat(names(wanted(DEFAULT_REGISTRY, "quay.io/jetstack/cert-manager:v1")))
                .containsExactly("quay.io/jetstack/cert-manager:v1");
    }

    @Test
    void namesBothStylesOfOneImageOnce() {
        assertThat(names(wanted(
                        Optional.empty(), "rancher/rancher-agent:v2.7.5", "docker.io/rancher/rancher-agent:v2.7.5")))
                .containsExactly("docker.io/rancher/rancher-agent:v2.7.5");
    }

    @Test
    void putsPauseImagesFirstAndKeepsTheOrderOfTheRest() {
        assertThat(names(wanted(Optional.empty(), "a/b:1", "rancher/mirrored-pause:3.6", "a/a:1", "rancher/pause:3.1")))
                .containsExactly(
                        "docker.io/rancher/mirrored-pause:3.6",
                        "docker.io/rancher/pause:3.1",
                        "docker.io/a/b:1",
                        "docker.io/a/a:1");
    }

    static Stream<String> profiles() {
        return Profile.names().stream();
    }

    @ParameterizedTest
    @MethodSource("profiles")
    void everyProfileSaysWhereItComesFrom(String name) throws IOException {
        Profile profile = Profile.named(name);

        assertThat(profile.source()).isNotEqualTo("null");
        assertThat(profile.version()).isNotEqualTo("null");
        assertThat(profile.references()).isNotEmpty().doesNotHaveDuplicates();
    }

    @Test
    void addsTheImagesOfAProfile() throws IOException {
        WantedImages wanted = WantedImages.of(List.of(), List.of(Profile.named("cis-benchmark")), DEFAULT_REGISTRY);

        assertThat(names(wanted)).contains("registry.example:5000/rancher/cis-operator:v1.0.12");
    }

    @Test
    void saysWhichProfilesThereAre() {
        assertThatThrownBy(() -> Profile.named("cis"))
                .isInstanceOf(IOException.class)
                .hasMessage("There is no image profile 'cis'. There are: cis-benchmark, pause, rancher-minimal.");
    }

    private static WantedImages wanted(Optional<RegistryHost> registry, String... references) {
        return WantedImages.of(Stream.of(references).map(Reference::parse).toList(), List.of(), registry);
    }

    private static List<String> names(WantedImages wanted) {
        return wanted.references().stream().map(Reference::toString).toList();
    }
}
