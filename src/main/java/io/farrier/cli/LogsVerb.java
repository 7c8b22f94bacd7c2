package io.farrier.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.farrier.assembly.Assembly;
import io.farrier.assembly.NodeLogs;
import io.farrier.logs.ContainerLines;
import io.farrier.logs.ContainerNames;
import io.farrier.logs.LogLine;
import io.farrier.logs.LogScope;
import io.farrier.logs.PlainFiles;
import io.farrier.sample.ContainerSample;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

@Command(
        name = "logs",
        description = {
            "Show the lines of a container from its files on this node, rotated ones too: Docker, Kubernetes and the"
                    + " collector may be down. Docker is asked for those of a container whose logging driver leaves no"
                    + " file.",
            "With --would-ship: which containers', files' and systemd units' lines leave this node, and why."
        })
final class LogsVerb extends Verb {
    /** New lines are seen within this. */
    private static final Duration POLL = Duration.ofMillis(200);

    @Mixin
    NodeOptions node = new NodeOptions();

    @Option(
            names = {"-f", "--follow"},
            description = "go on with what is written from now on, until interrupted")
    boolean follow;

    @Option(
            names = "--raw",
            description = "lines as their container wrote them; what is in them may steer your terminal")
    boolean raw;

    @Option(
            names = "--would-ship",
            description = "list containers, files and systemd units, and why each one's lines are shipped, or not")
    boolean wouldShip;

    @Parameters(
            arity = "0..1",
            paramLabel = "CONTAINER",
            description = "its name, [NAMESPACE/]POD/CONTAINER, or its id or the beginning of it")
    String container = "";

    @Override
    public Integer call() throws Exception {
        if (wouldShip != container.isEmpty()) {
            throw new ParameterException(
                    spec().commandLine(), wouldShip ? "--would-ship takes no CONTAINER." : "Which CONTAINER?");
        }
        try (Assembly assembly = node.assembly()) {
            NodeLogs logs = assembly.logs();
            if (wouldShip) {
                showScope(logs);
            } else {
                showLines(logs);
            }
            return ExitCode.DONE;
        } catch (AccessDeniedException notRoot) {
            throw new IOException(
                    "Tried to read " + notRoot.getFile() + " but may not. The logs of a node are for root only.",
                    notRoot);
        }
    }

    private void showScope(NodeLogs logs) throws IOException {
        LogScope scope = logs.scope();
        List<ContainerSample> containers = logs.containers().stream()
                .sorted(Comparator.comparing(ContainerNames::full))
                .toList();
        List<PlainFiles.Found> files = logs.plainFiles();
        if (wantsJson()) {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            ArrayNode sources = json.putArray("sources");
            containers.forEach(each -> addTo(sources, each, scope));
            files.forEach(each -> addTo(sources, each));
            logs.units()
                    .forEach((unit, decision) -> sources.addObject()
                            .put("unit", unit)
                            .put("ships", decision.ships())
                            .put("because", decision.because()));
            screen().json(json);
            return;
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("CONTAINER OR UNIT", "SHIPPED", "BECAUSE"));
        for (ContainerSample each : containers) {
            rows.add(List.of(
                    ContainerNames.full(each), scope.decide(each).ships() ? "yes" : "no", because(each, scope)));
        }
        files.forEach(file -> rows.add(List.of(file.path().toString(), file.ships() ? "yes" : "no", file.because())));
        logs.units()
                .forEach((unit, decision) ->
                        rows.add(List.of(unit, decision.ships() ? "yes" : "no", decision.because())));
        screen().table(rows);
    }

    private static void addTo(ArrayNode sources, PlainFiles.Found file) {
        sources.addObject()
                .put("file", file.path().toString())
                .put("ships", file.ships())
                .put("because", file.because());
    }

    private static String because(ContainerSample container, LogScope scope) {
        LogScope.Decision decision = scope.decide(container);
        return decision.ships() && container.logPath() == null
                ? decision.because()
                        + ", through Docker's API: its logging driver leaves no file ('none' keeps nothing at all)"
                : decision.because();
    }

    private static void addTo(ArrayNode sources, ContainerSample container, LogScope scope) {
        ObjectNode source = sources.addObject()
                .put("container", ContainerNames.full(container))
                .put("id", container.id())
                .put("ships", scope.decide(container).ships())
                .put("because", because(container, scope));
        if (container.logPath() != null) {
            source.put("file", container.logPath());
        }
    }

    private void showLines(NodeLogs logs) throws IOException, InterruptedException {
        try (ContainerLines lines = logs.lines(one(logs.named(container)), follow, this::show)) {
            lines.readAll();
            while (follow && !lines.isOver()) {
                screen().out().flush();
                Thread.sleep(POLL.toMillis());
                lines.readNew();
            }
            lines.end();
        }
        screen().out().flush();
    }

    private ContainerSample one(List<ContainerSample> meant) throws IOException {
        if (meant.size() == 1) {
            return meant.get(0);
        }
        throw new IOException(
                meant.isEmpty()
                        ? "Tried to find the container " + container
                                + " but this node has none of that name or id. 'farrier logs --would-ship' lists them."
                        : "'" + container + "' may mean any of " + choices(meant) + ". Name one of them.");
    }

    private static String choices(List<ContainerSample> meant) {
        return meant.stream()
                .map(each -> each.pod() == null
                        ? ContainerNames.full(each) + " (" + each.id() + ")"
                        : ContainerNames.full(each))
                .sorted()
                .collect(Collectors.joining(", "));
    }

    private void show(LogLine line) {
        if (wantsJson()) {
            screen().jsonLine(JsonNodeFactory.instance
                    .objectNode()
                    .put("time", line.time())
                    .put("stream", line.stream())
                    .put("text", line.text()));
        } else if (raw) {
            screen().rawLine(line.bytes());
        } else {
            screen().line(line.text());
        }
    }
}
