package io.farrier.spool;

import io.farrier.testing.MemorySpool;

class MemorySpoolTest extends SpoolContract {
    private final MemorySpool spool = new MemorySpool(ROOM);

    @Override
    Spool spool() {
        return spool;
    }
}
