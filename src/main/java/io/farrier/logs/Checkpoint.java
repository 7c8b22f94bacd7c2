package io.farrier.logs;

import io.farrier.feed.ByteRange;
import io.farrier.feed.Frame;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of the sources over a kill. Its version rises with each one a tail gives out.
 *
 * @param mustLast whether the one before would cost something after a power cut: this one gives holds away, or alone knows of a
 *     source. Else it would only have lines sent again that the collector has. An unhurried tail takes the risk for names.
 */
public record Checkpoint(long version, List<Entry> entries, boolean mustLast) {
    public Checkpoint {
        entries = List.copyOf(entries);
    }

    /** What it takes to write it: the file, and its folder where it must last. */
    public int fsyncs() {
        return mustLast ? 2 : 1;
    }

    /**
     * @param fileBytes at this size its file is put aside for the next one; 0 when nobody knows
     * @param size the most bytes that were seen in the file
     * @param acked what the collector has, and what was declared lost and acknowledged
     * @param lost what is declared lost and not acknowledged yet
     * @param unknownLosses why losses of unknown size may be that are not acknowledged yet, by where they begin
     * @param live true while it was the file that is written to, also when it was rotated since
     * @param done true when the collector has all of it and nothing more will be written; its hold may go
     * @param givenUp why it is not read any further; absent while it is, and in what older versions wrote
     */
    public record Entry(
            String id,
            String containerId,
            String container,
            Frame.Form form,
            String path,
            long fileBytes,
            Map<String, String> labels,
            long device,
            long inode,
            long size,
            List<ByteRange> acked,
            List<ByteRange> lost,
            Map<Long, String> unknownLosses,
            boolean live,
            boolean done,
            @Nullable String givenUp) {
        public Entry {
            labels = Map.copyOf(labels);
            acked = List.copyOf(acked);
            lost = List.copyOf(lost);
            unknownLosses = Map.copyOf(unknownLosses);
        }

        /** The file by which the source is known. */
        FileKey key() {
            return new FileKey(device, inode);
        }
    }
}
