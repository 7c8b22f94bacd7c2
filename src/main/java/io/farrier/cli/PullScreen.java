package io.farrier.cli;

import io.farrier.images.PullBoard;
import io.farrier.sample.ImageStatus;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Pulls as they go. On a terminal a bar for each image that is under way and one for all of them, redrawn below the
 * images that have ended; elsewhere one line for each that has ended.
 */
final class PullScreen implements PullBoard {
    private static final int BAR = 24;
    private static final int NAME = 60;

    private final Screen screen;
    private final boolean silent;
    private final long images;
    private final Map<String, Pull> running = new LinkedHashMap<>();
    private int drawn;
    private long ended;
    private long endedBytes;

    private record Pull(long done, long total, String note) {}

    /** @param images how many are to be pulled */
    PullScreen(Screen screen, boolean silent, long images) {
        this.screen = screen;
        this.silent = silent;
        this.images = images;
    }

    @Override
    public synchronized void progress(String reference, long doneBytes, long totalBytes, String note) {
        if (screen.isTerminal() && !silent) {
            running.put(reference, new Pull(doneBytes, totalBytes, note));
            redraw("");
        }
    }

    @Override
    public synchronized void ended(ImageStatus status) {
        if (silent) {
            return;
        }
        ended++;
        if (!screen.isTerminal()) {
            screen.line(ending(status) + "  " + status.reference());
            return;
        }
        Pull last = running.remove(status.reference());
        endedBytes += last == null ? 0 : last.total();
        redraw(line(cut(status.reference()) + "  " + ending(status)));
    }

    private static String ending(ImageStatus status) {
        return status.state() == ImageStatus.State.PRESENT ? "pulled" : "failed: " + status.reason();
    }

    /** What is above stays; the bars move down by it. */
    private void redraw(String above) {
        StringBuilder frame = new StringBuilder();
        if (drawn > 0) {
            frame.append("\033[").append(drawn).append("A\r\033[J");
        }
        frame.append(above);
        running.forEach((reference, pull) -> frame.append(line(cut(reference) + "  " + text(pull))));
        frame.append(line(cut(ended + " of " + images + " images") + "  " + text(total())));
        drawn = running.size() + 1;
        screen.raw(frame.toString());
    }

    /** Of those whose size is known by now. */
    private Pull total() {
        long done = endedBytes;
        long total = endedBytes;
        for (Pull pull : running.values()) {
            done += pull.done();
            total += pull.total();
        }
        return new Pull(done, total, "");
    }

    private static String line(String text) {
        return Printable.line(text) + "\n";
    }

    private static String text(Pull pull) {
        if (pull.total() <= 0) {
            return pull.note();
        }
        int filled = (int) Math.min(BAR, pull.done() * BAR / pull.total());
        return "[" + "#".repeat(filled) + " ".repeat(BAR - filled) + "] " + Bytes.text(pull.done()) + " of "
                + Bytes.text(pull.total()) + "  " + pull.note();
    }

    /** The end of a reference tells images apart. */
    private static String cut(String reference) {
        return reference.length() <= NAME
                ? reference + " ".repeat(NAME - reference.length())
                : "..." + reference.substring(reference.length() - NAME + 3);
    }
}
