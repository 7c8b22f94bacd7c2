package io.farrier.cli;

import io.farrier.assembly.Build;
import picocli.CommandLine.Command;

/** A verb that is promised and not built: it is listed, and says so. */
@Command
class NotYet extends Verb {
    @Override
    public Integer call() {
        screen().complain("'" + spec().qualifiedName() + "' is not available yet in farrier " + Build.version() + ".");
        return ExitCode.ERROR;
    }
}
