package io.farrier;

import io.farrier.cli.Cli;

/** The entry point; everything else returns. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.exit(new Cli().run(args));
    }
}
