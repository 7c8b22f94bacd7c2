package io.farrier.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.farrier.assembly.Assembly;
import io.farrier.check.RegistryReport;
import io.farrier.check.RuntimeView;
import io.farrier.image.InvalidReferenceException;
import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

@Command(
        name = "probe",
        description = {
            "Check a registry as this node's Docker or containerd will see it: name, connection, proxy, certificate,"
                    + " login, images. All that is wrong is said at once, in the runtime's own words, each with the way"
                    + " out. Changes nothing, on the node or on the registry.",
            "Exits 0 when the runtime can use it and has been promised every REFERENCE, 3 when not."
        })
final class ProbeVerb extends Verb {
    @Mixin
    NodeOptions node = new NodeOptions();

    @Option(names = "--all", description = "probe every registry of the configuration, mirrors included")
    boolean all;

    @Parameters(
            arity = "0..*",
            paramLabel = "REGISTRY [REFERENCE...]",
            description = "the registry, host[:port], and images it should have: team/app:1")
    List<String> words = new ArrayList<>();

    @Override
    public Integer call() throws Exception {
        if (all != words.isEmpty()) {
            throw new ParameterException(
                    spec().commandLine(), all ? "Either --all or one REGISTRY." : "Which REGISTRY? Or --all.");
        }
        List<RegistryHost> hosts = all ? List.of() : List.of(host(words.get(0)));
        List<Reference> references = all ? List.of() : references(hosts.get(0));
        try (Assembly assembly = node.assembly()) {
            RuntimeView view = assembly.view();
            List<RegistryReport> reports = new ArrayList<>();
            for (RegistryHost host : all ? assembly.registries() : hosts) {
                reports.add(view.probe(host, references));
            }
            show(view, reports);
            return reports.stream().allMatch(RegistryReport::isGood) ? ExitCode.DONE : ExitCode.FINDINGS;
        }
    }

    private RegistryHost host(String text) {
        try {
            return RegistryHost.parse(text);
        } catch (IllegalArgumentException noHost) {
            throw new ParameterException(spec().commandLine(), String.valueOf(noHost.getMessage()) + ".");
        }
    }

    /** Named with or without the registry. */
    private List<Reference> references(RegistryHost host) {
        try {
            return words.stream()
                    .skip(1)
                    .map(text -> Reference.parse(text.startsWith(host + "/") ? text : host + "/" + text))
                    .toList();
        } catch (InvalidReferenceException wrong) {
            throw new ParameterException(spec().commandLine(), wrong.getMessage() + ".");
        }
    }

    private void show(RuntimeView view, List<RegistryReport> reports) throws IOException {
        if (wantsJson()) {
            ObjectNode json = JsonNodeFactory.instance
                    .objectNode()
                    .put("runtime", view.runtime())
                    .put("go", view.go());
            ArrayNode list = json.putArray("registries");
            reports.forEach(report -> list.add(ReportScreen.json(report)));
            screen().json(json);
            return;
        }
        ReportScreen text = new ReportScreen(screen());
        reports.forEach(report -> text.show(report, view.runtime()));
    }
}
