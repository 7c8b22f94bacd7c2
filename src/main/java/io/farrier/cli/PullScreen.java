package io.farrier.cli;

import io.farrier.images.ImageKeeper.PullBoard;
import io.farrier.sample.ImageStatus;
import java.util.LinkedHashMap;
import java.util.Map;

/** Pulls as they go: bars that are redrawn on a terminal, one line a finished image elsewhere. */
final class PullScreen implements PullBoard {
    private static final int BAR = 24;
    private static final int NAME = 60;

    private final Screen screen;
    private final boolean silent;
    private final Map<String, String> bars = new LinkedHashMap<>();
    private int drawn;

    PullScreen(Screen screen, boolean silent) {
        this.screen = screen;
        this.silent = silent;
    }

    @Override
    public synchronized void progress(String reference, long doneBytes, long totalBytes, String note) {
        if (screen.isTerminal() && !silent) {
            bars.put(reference, bar(reference, doneBytes, totalBytes, note));
            redraw();
        }
    }

    @Override
    public synchronized void ended(ImageStatus status) {
        if (silent) {
            return;
        }
        if (screen.isTerminal()) {
            bars.put(status.reference(), cut(status.reference()) + "  " + ending(status));
            redraw();
            return;
        }
        screen.line(ending(status) + "  " + status.reference());
    }

    private static String ending(ImageStatus status) {
        return status.state() == ImageStatus.State.PRESENT ? "pulled" : "failed: " + status.reason();
    }

    private void redraw() {
        StringBuilder frame = new StringBuilder();
        if (drawn > 0) {
            frame.append("\033[").append(drawn).append('A');
        }
        bars.values()
                .forEach(bar ->
                        frame.append("\r\033[2K").append(Printable.line(bar)).append('\n'));
        drawn = bars.size();
        screen.raw(frame.toString());
    }

    private static String bar(String reference, long done, long total, String note) {
        if (total <= 0) {
            return cut(reference) + "  " + note;
        }
        int filled = (int) Math.min(BAR, done * BAR / total);
        return cut(reference) + "  [" + "#".repeat(filled) + " ".repeat(BAR - filled) + "] " + Bytes.text(done) + " of "
                + Bytes.text(total) + "  " + note;
    }

    /** The end of a reference tells images apart. */
    private static String cut(String reference) {
        return reference.length() <= NAME
                ? reference + " ".repeat(NAME - reference.length())
                : "..." + reference.substring(reference.length() - NAME + 3);
    }
}
