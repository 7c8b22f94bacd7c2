package io.farrier.logs;

import java.io.Closeable;
import java.io.IOException;

/** The lines of one container, given to whom it was made with. Reads only. */
public interface ContainerLines extends Closeable {
    /** All there is, up to now. */
    void readAll() throws IOException;

    /** What came since. */
    void readNew() throws IOException;

    /** True when nothing can come any more, however long one waits. */
    boolean isOver();

    /** Nothing more is wanted: what is unfinished is given as it is. */
    void end();
}
