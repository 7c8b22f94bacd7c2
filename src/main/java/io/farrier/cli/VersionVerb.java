package io.farrier.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.farrier.assembly.Build;
import io.farrier.assembly.Cryptography;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "version", description = "Print farrier's version and the Java it runs on.")
final class VersionVerb extends Verb {
    @Option(
            names = "--crypto",
            description = "also print the cryptography that is used, and what the kernel says of FIPS")
    boolean crypto;

    @Override
    public Integer call() {
        String java = System.getProperty("java.version") + " (" + System.getProperty("java.vendor") + ")";
        if (wantsJson()) {
            ObjectNode json = JsonNodeFactory.instance
                    .objectNode()
                    .put("farrier", Build.version())
                    .put("java", java);
            if (crypto) {
                json.set("crypto", json(Cryptography.ofThisProcess()));
            }
            screen().json(json);
            return ExitCode.DONE;
        }
        screen().line("farrier " + Build.version());
        screen().line("java    " + java);
        if (crypto) {
            show(Cryptography.ofThisProcess());
        }
        return ExitCode.DONE;
    }

    private void show(Cryptography used) {
        screen().blank();
        screen().line("providers, the first that can is used:");
        used.providers().forEach(provider -> screen().line("  " + provider));
        screen().line("TLS: " + String.join(", ", used.protocols()));
        screen().line("cipher suites, most wanted first:");
        used.suites().forEach(suite -> screen().line("  " + suite));
        screen().line("kernel's FIPS mode: " + used.kernel().words());
        used.remarks().forEach(screen()::line);
    }

    private static ObjectNode json(Cryptography used) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        add(json.putArray("providers"), used.providers());
        add(json.putArray("protocols"), used.protocols());
        add(json.putArray("suites"), used.suites());
        json.put("kernel_fips", used.kernel().name().toLowerCase(java.util.Locale.ROOT));
        add(json.putArray("remarks"), used.remarks());
        return json;
    }

    private static void add(ArrayNode array, Iterable<String> words) {
        words.forEach(array::add);
    }
}
