package io.farrier.logs;

import java.util.LinkedHashMap;
import java.util.Map;

/** The last ids that were added, so many of them. One thread. */
public final class RecentIds {
    private static final int MAX = 4_096;

    private final Map<String, Boolean> ids = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > MAX;
        }
    };

    public void add(String id) {
        ids.remove(id);
        ids.put(id, true);
    }

    public boolean contains(String id) {
        return ids.containsKey(id);
    }

    /** @return whether it was there */
    public boolean remove(String id) {
        return ids.remove(id) != null;
    }
}
