package io.farrier.logs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class UnitScopeTest {
    @Test
    void byDefaultTheUnitsOfKubernetesAndItsRuntimesOnly() {
        UnitScope scope = new UnitScope(List.of(), List.of());

        assertThat(scope.shipped())
                .containsExactlyInAnyOrder(
                        "containerd.service",
                        "docker.service",
                        "kubelet.service",
                        "k3s.service",
                        "k3s-agent.service",
                        "rke2-server.service",
                        "rke2-agent.service");
    }

    @Test
    void othersWhenTheyAreNamed() {
        UnitScope scope = new UnitScope(List.of("ssh.service"), List.of());

        assertThat(scope.shipped()).contains("ssh.service", "docker.service");
        assertThat(scope.decisions().get("ssh.service").because()).isEqualTo("logs.units has 'ssh.service'");
    }

    @Test
    void anExclusionWinsAndIsShownWithItsReason() {
        UnitScope scope = new UnitScope(List.of("ssh.service"), List.of("ssh.*", "k3s*", "docker"));

        assertThat(scope.shipped())
                .as("'docker' is a container's name")
                .containsExactly(
                        "containerd.service",
                        "docker.service",
                        "kubelet.service",
                        "rke2-server.service",
                        "rke2-agent.service");
        assertThat(scope.decisions().get("k3s.service"))
                .isEqualTo(new LogScope.Decision(false, "logs.exclude has 'k3s*'"));
    }
}
