package io.farrier.logs;

import io.farrier.feed.Frame;
import io.farrier.rules.Redactor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What leaves the node without its secrets: a batch is hidden in place, byte for byte, together with what stands around
 * it in its file. One thread.
 */
final class Redactions {
    /** The next piece of a line that a runtime split: 16 KiB and its record. */
    private static final int AHEAD_BYTES = 20 << 10;

    /** Made when the first line of their form is sent: a node's logs are of one form, seldom of two. */
    private final Map<Frame.Form, Redactor> redactors = new EnumMap<>(Frame.Form.class);

    private final List<String> own;
    private byte[] work = new byte[Redactor.CONTEXT_BYTES + Source.SLAB_BYTES + AHEAD_BYTES];

    /** @param own as {@link Redactor#check} found them good */
    Redactions(List<String> own) {
        this.own = own;
    }

    /** Rules that are not used any more because they took too long. */
    List<String> switchedOff() {
        return redactors.values().stream()
                .flatMap(redactor -> redactor.switchedOff().stream())
                .distinct()
                .toList();
    }

    /**
     * Hides the secrets of a body that stands at {@code from} in its file.
     *
     * @param mayWait true when a line whose next piece is not written yet may go later, together with it
     * @return what may go now, from the body's beginning on; it is this object's own until the next call
     */
    ByteBuffer hide(Frame.Form form, LogBytes file, long from, ByteBuffer body, boolean mayWait) throws IOException {
        Redactor redactor = redactorOf(form);
        int context = (int) Math.min(from, Redactor.CONTEXT_BYTES);
        int length = body.limit();
        byte[] text = room(context + length + AHEAD_BYTES);
        int known = read(file, from - context, ByteBuffer.wrap(text, 0, context));
        Arrays.fill(text, known, context, (byte) '\n');
        body.get(0, text, context, length);
        int to = context + length;
        int piece = redactor.startOfPiece(text, context, to);
        int ahead = piece < 0 ? 0 : read(file, from + length, ByteBuffer.wrap(text, to, AHEAD_BYTES));
        if (piece >= 0 && ahead == 0 && mayWait) {
            to = piece;
        }
        redactor.redact(text, context, to, to + ahead);
        return ByteBuffer.wrap(text, context, to - context).slice();
    }

    private Redactor redactorOf(Frame.Form form) {
        return redactors.computeIfAbsent(form, first -> new Redactor(Redactor.Form.valueOf(first.name()), own));
    }

    /** A line may be longer than the slab; such a one is seldom, and not kept. */
    private byte[] room(int bytes) {
        return bytes <= work.length ? work : new byte[bytes];
    }

    private static int read(LogBytes file, long at, ByteBuffer into) throws IOException {
        int start = into.position();
        while (into.hasRemaining()) {
            if (file.read(into, at + into.position() - start) < 0) {
                break;
            }
        }
        return into.position() - start;
    }
}
