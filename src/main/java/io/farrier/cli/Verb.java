package io.farrier.cli;

import io.farrier.image.RegistryHost;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What every verb has: an output form, a help, a screen, an exit code. */
abstract class Verb implements Callable<Integer> {
    enum Form {
        text,
        json
    }

    @Option(
            names = {"-o", "--output"},
            paramLabel = "text|json",
            defaultValue = "text",
            description = "text for people, json as a stable contract (default: text)")
    Form form = Form.text;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "show this help and exit")
    boolean help;

    @Spec
    @Nullable
    CommandSpec spec;

    private Screen screen = Screen.ofProcess();

    void on(Screen other) {
        this.screen = other;
    }

    /** What picocli knows of this verb; set before the verb is called. */
    final CommandSpec spec() {
        return Objects.requireNonNull(spec, "a verb is called by picocli");
    }

    final Screen screen() {
        return screen;
    }

    final boolean wantsJson() {
        return form == Form.json;
    }

    /** Bad usage, in the words of the verb. */
    ParameterException misused(String sentence) {
        return new ParameterException(spec().commandLine(), sentence);
    }

    RegistryHost host(String option, String text) {
        try {
            return RegistryHost.parse(text);
        } catch (IllegalArgumentException notAHost) {
            throw misused(option + ": " + notAHost.getMessage() + ".");
        }
    }
}
