package io.farrier.cli;

/** How far something large is: one line that is drawn anew on a terminal, nothing elsewhere. */
final class TransferLine {
    private static final long EVERY_NANOS = 250_000_000;

    private final Screen screen;
    private final boolean silent;
    private long next = System.nanoTime();
    private boolean drawn;

    TransferLine(Screen screen, boolean silent) {
        this.screen = screen;
        this.silent = silent || !screen.isTerminal();
    }

    synchronized void reached(long bytes, long of) {
        if (silent || System.nanoTime() < next) {
            return;
        }
        next = System.nanoTime() + EVERY_NANOS;
        drawn = true;
        screen.raw("\r\033[2K" + Bytes.text(bytes) + " of " + Bytes.text(of));
    }

    synchronized void end() {
        if (drawn) {
            screen.raw("\r\033[2K");
        }
    }
}
