package io.farrier.check;

import io.farrier.config.FarrierConfig;
import io.farrier.finding.Finding;
import io.farrier.runtime.ContainerRuntime;
import io.farrier.runtime.RuntimeInfo;
import io.farrier.sample.ContainerSample;
import io.farrier.sample.ImageStatus;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/**
 * How a node is at one look, for whom no agent looks.
 *
 * @param runtime name and version, empty while none answers
 * @param findings what every check says
 */
public record NodeStatus(
        String node,
        String mode,
        String runtime,
        List<ContainerSample> containers,
        List<ImageStatus> images,
        List<Finding> findings) {
    public NodeStatus {
        containers = List.copyOf(containers);
        images = List.copyOf(images);
        findings = List.copyOf(findings);
    }

    /** What cannot be asked is empty here and a finding there. */
    public static NodeStatus look(
            FarrierConfig config, ContainerRuntime runtime, ImagesCheck.WantedImages images, Doctor doctor) {
        return new NodeStatus(
                config.node().name(),
                config.mode().name().toLowerCase(Locale.ROOT),
                name(runtime),
                orNone(runtime::containers),
                orNone(images::look),
                doctor.examine());
    }

    private static String name(ContainerRuntime runtime) {
        try {
            RuntimeInfo info = runtime.info();
            return info.name() + " " + info.version();
        } catch (IOException toldByTheRuntimeCheck) {
            return "";
        }
    }

    private interface Question<T> {
        List<T> ask() throws IOException;
    }

    private static <T> List<T> orNone(Question<T> question) {
        try {
            return question.ask();
        } catch (IOException toldByTheChecks) {
            return List.of();
        }
    }
}
