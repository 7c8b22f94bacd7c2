package io.farrier.logs.journal;

import io.farrier.logs.copied.CopiedFile;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How far the journal has been written to the units' files, all of it on disk.
 *
 * @param since microseconds since 1970: nothing older than this is wanted
 * @param cursor of the last entry; null before the first
 * @param caughtUpAt microseconds since 1970: until then the journal had nothing more than this
 * @param units in what was read
 * @param files of each unit the live file
 * @param loss why something of the journal may be missing, until the collector has been told
 */
record Position(
        long since,
        @Nullable String cursor,
        long caughtUpAt,
        List<String> units,
        Map<String, CopiedFile.End> files,
        @Nullable String loss) {
    Position {
        units = List.copyOf(units);
        files = Map.copyOf(files);
    }
}
