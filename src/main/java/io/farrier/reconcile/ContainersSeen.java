package io.farrier.reconcile;

import io.farrier.plan.DaemonName;
import io.farrier.runtime.ContainerRuntime;
import io.farrier.runtime.LiveSettings;
import io.farrier.sample.ContainerSample;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/** Which containers a restart would stop, or must never meet. */
public interface ContainersSeen {
    ContainersSeen NONE = new ContainersSeen() {
        @Override
        public List<String> wouldStop(DaemonName daemon) {
            return List.of();
        }

        @Override
        public List<String> controlPlane() {
            return List.of();
        }
    };

    /** Names of running containers that a restart of {@code daemon} would stop. */
    List<String> wouldStop(DaemonName daemon);

    /**
     * Names of running containers that make this a control-plane node. The configuration is the same on all of them, so that
     * a restart would meet every etcd member at once (SAFETY 4).
     */
    List<String> controlPlane();

    /** A server of k3s or RKE2: a restart stops no container, and what serves the cluster is the daemon itself. */
    static ContainersSeen ofServer(DaemonName server) {
        return new ContainersSeen() {
            @Override
            public List<String> wouldStop(DaemonName daemon) {
                return List.of();
            }

            @Override
            public List<String> controlPlane() {
                return List.of(server.value());
            }
        };
    }

    /** Those that Docker runs. */
    static ContainersSeen of(ContainerRuntime runtime) {
        return new InDocker(runtime);
    }

    /** RKE runs its components as plain containers of these names (FACTS 3). */
    final class InDocker implements ContainersSeen {
        private static final Set<String> CONTROL_PLANE =
                Set.of("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler");

        private final ContainerRuntime runtime;

        private InDocker(ContainerRuntime runtime) {
            this.runtime = runtime;
        }

        /** None when live-restore is in effect. */
        @Override
        public List<String> wouldStop(DaemonName daemon) {
            try {
                boolean survives =
                        runtime.info().live().map(LiveSettings::liveRestore).orElse(false);
                return survives ? List.of() : running();
            } catch (IOException silent) {
                return List.of("all of them: " + daemon + " does not say which run");
            }
        }

        @Override
        public List<String> controlPlane() {
            try {
                return running().stream().filter(CONTROL_PLANE::contains).toList();
            } catch (IOException silent) {
                return List.of();
            }
        }

        private List<String> running() throws IOException {
            return runtime.containers().stream()
                    .filter(container -> container.state() == ContainerSample.State.RUNNING)
                    .map(ContainerSample::name)
                    .sorted()
                    .toList();
        }
    }
}
