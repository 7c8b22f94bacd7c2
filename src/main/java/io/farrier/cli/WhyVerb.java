package io.farrier.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.farrier.assembly.Assembly;
import io.farrier.check.RuntimeView;
import io.farrier.check.RuntimeView.Stop;
import io.farrier.image.InvalidReferenceException;
import io.farrier.image.Reference;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

@Command(
        name = "why",
        description = {
            "Show the endpoints this node's runtime will try for an image, in order, with rewrite, trust and login, and"
                    + " what it meets at each now.",
            "Exits 0 when one of them has the image for this node, 3 when none has."
        })
final class WhyVerb extends Verb {
    @Mixin
    NodeOptions node = new NodeOptions();

    @Parameters(
            arity = "0..1",
            paramLabel = "REFERENCE",
            description = "the image, as a pod names it: rancher/mirrored-pause:3.6")
    String image = "";

    @Override
    public Integer call() throws Exception {
        Reference reference = reference();
        try (Assembly assembly = node.assembly()) {
            RuntimeView view = assembly.view();
            List<Stop> stops = view.why(reference);
            if (wantsJson()) {
                screen().json(json(reference, view, stops));
            } else {
                show(reference, view, stops);
            }
            return stops.stream().anyMatch(stop -> stop.seen().isGood()) ? ExitCode.DONE : ExitCode.FINDINGS;
        }
    }

    private Reference reference() {
        if (image.isEmpty()) {
            throw new ParameterException(spec().commandLine(), "Which REFERENCE?");
        }
        try {
            return Reference.parse(image);
        } catch (InvalidReferenceException wrong) {
            throw new ParameterException(spec().commandLine(), wrong.getMessage() + ".");
        }
    }

    private void show(Reference reference, RuntimeView view, List<Stop> stops) {
        screen().line(Screen.Colour.BOLD, view.runtime() + " looks for " + reference + " in this order:");
        ReportScreen details = new ReportScreen(screen());
        int number = 1;
        for (Stop stop : stops) {
            boolean isGood = stop.seen().isGood();
            screen().line(
                            isGood ? Screen.Colour.GREEN : Screen.Colour.YELLOW,
                            number++ + ". " + stop.url() + (isGood ? "  has it" : "  does not serve it"));
            screen().line("   " + stop.because() + "; trust: " + stop.trust()
                    + stop.login().map(user -> "; login: " + user).orElse(""));
            details.showDetails(stop.seen(), "   ");
        }
    }

    private static ObjectNode json(Reference reference, RuntimeView view, List<Stop> stops) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("reference", reference.toString())
                .put("runtime", view.runtime())
                .put("go", view.go());
        ArrayNode endpoints = json.putArray("endpoints");
        for (Stop stop : stops) {
            ObjectNode one = endpoints
                    .addObject()
                    .put("url", stop.url())
                    .put("because", stop.because())
                    .put("trust", stop.trust());
            stop.login().ifPresent(user -> one.put("login", user));
            one.set("live", ReportScreen.json(stop.seen()));
        }
        return json;
    }
}
