package io.farrier.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.farrier.images.extract.Extracted;
import io.farrier.images.extract.Extraction;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Out of what people deploy, into a list file. */
@Command(
        name = "extract",
        description =
                "List the images that Kubernetes manifests, Helm charts (folders or archives) and cluster.yml name,"
                        + " one a line. What only Helm could render goes to stderr, and the exit code is 3 then.")
final class ImagesExtract extends Verb {
    @Parameters(paramLabel = "FILE", arity = "0..*", description = "YAML files, charts (.tgz) or folders")
    List<Path> files = List.of();

    @Override
    public Integer call() throws Exception {
        if (files.isEmpty()) {
            throw misused("FILE is missing: which manifests or charts?");
        }
        Extraction extraction = new Extraction();
        for (Path file : files) {
            extraction.take(file);
        }
        show(extraction.result());
        return extraction.result().unresolved().isEmpty() ? ExitCode.DONE : ExitCode.FINDINGS;
    }

    private void show(Extracted extracted) {
        if (wantsJson()) {
            screen().json(json(extracted));
            return;
        }
        extracted.references().forEach(reference -> screen().line(reference.toString()));
        extracted
                .unresolved()
                .forEach(each -> screen().complain(each.where() + ": " + each.text() + ": " + each.because()));
    }

    private static ObjectNode json(Extracted extracted) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ArrayNode images = json.putArray("images");
        extracted.references().forEach(reference -> {
            ObjectNode image = images.addObject().put("reference", reference.toString());
            ArrayNode places = image.putArray("named_in");
            extracted.placesOf(reference).forEach(places::add);
        });
        ArrayNode unresolved = json.putArray("unresolved");
        extracted
                .unresolved()
                .forEach(each -> unresolved
                        .addObject()
                        .put("where", each.where())
                        .put("text", each.text())
                        .put("because", each.because()));
        return json;
    }
}
