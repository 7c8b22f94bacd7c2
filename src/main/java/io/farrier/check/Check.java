package io.farrier.check;

import io.farrier.finding.Finding;
import java.io.IOException;
import java.time.Instant;
import java.util.List;

/** One question to the node. It looks and changes nothing. */
public interface Check {
    /** As it is named when it could not be made: "Could not check NAME". */
    String name();

    /**
     * What is wrong; empty when all is fine. A check that cannot know throws, and never answers "fine".
     *
     * @param now goes into {@link Finding#since()}; the board puts the time it was first seen there
     */
    List<Finding> run(Instant now) throws IOException;
}
