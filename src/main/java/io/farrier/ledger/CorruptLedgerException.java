package io.farrier.ledger;

import java.io.IOException;
import java.nio.file.Path;

/** A record of the ledger that is not as farrier wrote it. It is never guessed at; the message says how to go on. */
public final class CorruptLedgerException extends IOException {
    private static final long serialVersionUID = 1L;

    CorruptLedgerException(Path file, String saw) {
        super(
                "Tried to read " + file + " but " + saw
                        + ". farrier does not guess what on this node is its own. Compare the"
                        + " node with its configuration, then move this file away: what is there now will count as the operator's.");
    }
}
