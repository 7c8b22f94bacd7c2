package io.farrier.collector.store;

import java.nio.file.Path;

/** Lines that a search finds in the journal. */
final class SegmentLineStoreTest extends LineStoreContract {
    @Override
    LineStore openStore(Path where) throws Exception {
        return SegmentLineStore.open(where);
    }
}
