package io.farrier.logs;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.sample.ContainerSample;
import io.farrier.testing.RunningContainer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogScopeTest {
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                // name, pod, role, ships
                "kubelet, -, kubelet, true",
                "etcd, -, -, true",
                "rancher-agent-shell, -, -, false",
                "k8s_coredns_coredns-1_kube-system_u_0, kube-system/coredns-1, -, true",
                "agent, cattle-system/cattle-node-agent-x, -, true",
                "etcd, shop/etcd-0, -, false", // a workload that only bears the name
                "web, kube-systems/web-1, -, false",
                "web, xcattle-system/web-1, -, false",
            })
    void byDefaultTheClustersOwnPartsOnly(String name, @Nullable String pod, @Nullable String role, boolean ships) {
        assertThat(new LogScope(List.of(), List.of()).decide(container(name, pod, role)))
                .satisfies(decision -> assertThat(decision.ships()).isEqualTo(ships))
                .satisfies(decision -> assertThat(decision.because()).isNotEmpty());
    }

    @Test
    void workloadsByPattern() {
        LogScope scope = new LogScope(List.of("shop/*/web", "batch-*"), List.of());

        assertThat(scope.decide(container("web", "shop/web-1", null)).ships()).isTrue();
        assertThat(scope.decide(container("batch-7", null, null)).ships()).isTrue();
        assertThat(scope.decide(container("web", "bank/web-1", null)).ships()).isFalse();
        assertThat(scope.decide(container("web", "shop/a", null)).because()).contains("shop/*/web");
    }

    @Test
    void anExclusionWinsOverEverything() {
        LogScope scope = new LogScope(List.of("*"), List.of("etcd", "kube-system/noisy-*/*"));

        assertThat(scope.decide(container("etcd", null, "etcd")).ships()).isFalse();
        assertThat(scope.decide(container("c", "kube-system/noisy-1", null)).ships())
                .isFalse();
        assertThat(scope.decide(container("kubelet", null, "kubelet")).ships()).isTrue();
    }

    @Test
    void aPodsContainerIsNamedAsTheKubeletNamesIt() {
        ContainerSample onDocker = new ContainerSample(
                "id",
                "k8s_web_web-1_shop_u_0",
                "i",
                ContainerSample.State.RUNNING,
                Optional.empty(),
                Optional.empty(),
                0,
                false,
                0,
                ContainerSample.Health.NONE,
                "shop/web-1",
                null,
                "/l",
                0,
                Map.of("io.kubernetes.container.name", "web"));

        assertThat(new LogScope(List.of("shop/web-1/web"), List.of())
                        .decide(onDocker)
                        .ships())
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "image:registry.shop/*:v1, true",
        "image:registry.shop/team/web:*, true",
        "image:registry.bank/*, false",
        "image:web, false",
        "label:app=web, true",
        "label:app=w*, true",
        "label:app=api, false",
        "label:app, true",
        "label:tier, false",
        "label:app=, false",
        "label:owner=a/b*, true",
    })
    void workloadsByImageOrLabel(String pattern, boolean ships) {
        ContainerSample web = RunningContainer.of("id", "c", "registry.shop/team/web:v1", "shop/web-1", null, "/l")
                .withPodLabels(Map.of("app", "web", "owner", "a/b/c"));

        assertThat(new LogScope(List.of(pattern), List.of()).decide(web).ships())
                .isEqualTo(ships);
        assertThat(new LogScope(List.of("*"), List.of(pattern)).decide(web).ships())
                .isEqualTo(!ships);
    }

    private static ContainerSample container(String name, @Nullable String pod, @Nullable String role) {
        return RunningContainer.of("id", name, "i", pod, role, "/l");
    }
}
