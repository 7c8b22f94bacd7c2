package io.farrier.reconcile;

import io.farrier.plan.DaemonName;
import io.farrier.runtime.ContainerRuntime;
import io.farrier.runtime.LiveSettings;
import io.farrier.sample.ContainerSample;
import java.io.IOException;
import java.util.List;

/** Which containers a restart would stop. */
@FunctionalInterface
public interface ContainersSeen {
    ContainersSeen NONE = daemon -> List.of();

    /** Names of running containers that a restart of {@code daemon} would stop. */
    List<String> wouldStop(DaemonName daemon);

    /** Those that {@code runtime} runs; none when live-restore is in effect. */
    static ContainersSeen of(ContainerRuntime runtime) {
        return daemon -> {
            try {
                boolean survives =
                        runtime.info().live().map(LiveSettings::liveRestore).orElse(false);
                return survives ? List.of() : running(runtime);
            } catch (IOException silent) {
                return List.of("all of them: " + daemon + " does not say which run");
            }
        };
    }

    private static List<String> running(ContainerRuntime runtime) throws IOException {
        return runtime.containers().stream()
                .filter(container -> container.state() == ContainerSample.State.RUNNING)
                .map(ContainerSample::name)
                .sorted()
                .toList();
    }
}
