package io.farrier.collector;

import io.farrier.metric.Metric;
import java.util.List;

/** What the intake counts since its start. One event loop. */
final class IntakeCounters {
    long connections;
    long frames;
    long bytes;
    long linesBytes;
    long events;
    long duplicateBatches;
    long losses;
    long lateBatches;
    long refusedCredentials;
    long refusedNames;
    long brokenFrames;
    long pauses;

    List<Metric> metrics() {
        return List.of(
                counter("connections", "Feeds that were accepted.", connections),
                counter("frames", "Frames that agents sent.", frames),
                counter("received_bytes", "Bytes of frames that agents sent.", bytes),
                counter("stored_line_bytes", "Bytes of log lines that were stored.", linesBytes),
                counter("events", "Events that were stored.", events),
                counter("duplicate_batches", "Log batches that were stored already.", duplicateBatches),
                counter("late_batches", "Log batches acknowledged late, as their node sent too fast.", lateBatches),
                counter("declared_losses", "Losses that agents declared.", losses),
                counter("refused_credentials", "Connections to /feed without the right token.", refusedCredentials),
                counter("refused_names", "Nodes whose name or key belongs to another node.", refusedNames),
                counter("broken_frames", "Connections that were closed because of a frame.", brokenFrames),
                counter("pauses", "Times a connection was not read for a while.", pauses));
    }

    private static Metric counter(String name, String help, long value) {
        return Metric.counter("farrier_collector_feed_" + name + "_total", help, value);
    }
}
