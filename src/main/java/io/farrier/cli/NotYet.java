package io.farrier.cli;

import io.farrier.assembly.Build;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/** A verb that is promised and not built: it is listed, and says so. */
@Command
class NotYet extends Verb {
    @Unmatched
    List<String> rest = List.of();

    @Override
    public Integer call() {
        screen().complain("'" + spec().qualifiedName() + "' is not available yet in farrier " + Build.version() + ".");
        return ExitCode.ERROR;
    }
}
