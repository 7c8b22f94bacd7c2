package io.farrier.keep;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.config.FarrierConfig;
import io.farrier.plan.Allowance;
import io.farrier.plan.FilePlan;
import io.farrier.plan.Reason;
import io.farrier.plan.Resource;
import io.farrier.plan.ResourceName;
import io.farrier.plan.Withheld;
import io.farrier.runtime.RuntimeInfo;
import io.farrier.runtime.RuntimeUnavailableException;
import io.farrier.testing.Configurations;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressedRegistriesTest {
    private static final String ADDRESS = "[2001:db8::1]:5000";
    private static final ResourceName NAME = new ResourceName("a/file");

    @ParameterizedTest
    @CsvSource({
        "docker, 20.10.24+dfsg1, true",
        "docker, 24.0.7, true",
        "docker, 25.0.0, false",
        "docker, 28.5.2, false",
        "containerd, 1.6.20~ds1, true",
        "containerd, v1.7.24, false",
        "containerd, 2.1.0, false",
        "docker, dev, false"
    })
    void anOldRuntimeTakesNoAddressInANameAndThatIsSaid(String runtime, String version, boolean isSaid) {
        FilePlan plan =
                plan(Configurations.of(List.of(Configurations.trusted(ADDRESS, new byte[0]))), false, runtime, version);

        assertThat(plan.withheld()).hasSize(isSaid ? 1 : 0);
        assertThat(plan.withheld().stream().map(Withheld::because))
                .allSatisfy(because -> assertThat(because)
                        .startsWith(runtime + " " + version
                                + " takes no IPv6 address in an image's name ('invalid reference format')"));
    }

    @Test
    void theEndpointOfAMirrorNeedsNoName() {
        FarrierConfig config = Configurations.of(
                List.of(Configurations.trusted(ADDRESS, new byte[0])),
                Configurations.mirror("docker.io", "https://" + ADDRESS),
                Map.of());

        assertThat(plan(config, false, "docker", "20.10.24").isNoop()).isTrue();
    }

    @Test
    void anAddressOfTheOtherKindIsNoMatter() {
        FarrierConfig config = Configurations.of(List.of(Configurations.trusted("192.0.2.1:5000", new byte[0])));

        assertThat(plan(config, false, "docker", "20.10.24").isNoop()).isTrue();
        assertThat(plan(config, true, "containerd", "1.6.20").isNoop()).isTrue();
    }

    /** Their k3s would make a file of it that its containerd does not read, or does not start with. */
    @ParameterizedTest
    @CsvSource({"v1.7.11-k3s2, true", "1.6.28, true", "v2.0.4-k3s2, false", "'', true"})
    void nothingIsGeneratedThatContainerdCannotRead(String version, boolean isRefused) {
        FarrierConfig config =
                Configurations.of(List.of(), Configurations.mirror("docker.io", "https://" + ADDRESS), Map.of());

        FilePlan plan = plan(config, true, "containerd", version);

        assertThat(plan.refusal().isPresent()).isEqualTo(isRefused);
        assertThat(plan.refusal().map(Reason::sentence).orElse("table key cannot contain ']'"))
                .contains("table key cannot contain ']'");
    }

    private static FilePlan plan(FarrierConfig config, boolean isGenerated, String runtime, String version) {
        return new AddressedRegistries<>(new Nothing(), config, isGenerated, () -> {
                    if (version.isEmpty()) {
                        throw new RuntimeUnavailableException("nobody answers");
                    }
                    return new RuntimeInfo(runtime, version, "1", Optional.empty(), Optional.empty());
                })
                .plan("", Allowance.EVERYTHING);
    }

    private static final class Nothing implements Resource<String> {
        @Override
        public ResourceName name() {
            return NAME;
        }

        @Override
        public String observe() {
            return "";
        }

        @Override
        public FilePlan plan(String observed, Allowance allowance) {
            return FilePlan.noop(NAME);
        }

        @Override
        public FilePlan planRestore(String observed) {
            return FilePlan.noop(NAME);
        }
    }
}
