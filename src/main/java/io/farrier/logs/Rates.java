package io.farrier.logs;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** How fast lines may leave the node, all together and of each log: a flood waits in its file. */
final class Rates {
    private final long perLog;
    private final Rate node;
    private final Map<String, Rate> byLog = new HashMap<>();

    /** Bytes per second; {@link Rate#NONE} for no limit. */
    Rates(long perNode, long perLog, long now) {
        this.perLog = perLog;
        this.node = new Rate(perNode, now);
    }

    long room(Source source, long now) {
        return perLog == Rate.NONE
                ? node.room(now)
                : Math.min(node.room(now), rateOf(source, now).room(now));
    }

    void spend(Source source, long bytes) {
        node.spend(bytes);
        Rate log = byLog.get(keyOf(source));
        if (log != null) {
            log.spend(bytes);
        }
    }

    /** The files of one log share its rate, so it is kept while a log has any. */
    void retain(List<Source> sources) {
        if (byLog.size() > sources.size()) {
            byLog.keySet().retainAll(sources.stream().map(Rates::keyOf).collect(Collectors.toSet()));
        }
    }

    private Rate rateOf(Source source, long now) {
        return byLog.computeIfAbsent(keyOf(source), log -> new Rate(perLog, now));
    }

    private static String keyOf(Source source) {
        return source.origin().containerId();
    }
}
