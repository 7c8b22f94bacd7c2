package io.farrier.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.farrier.runtime.ContainerRuntime;
import io.farrier.runtime.RuntimeEvent;
import io.farrier.runtime.RuntimeEvent.Kind;
import io.farrier.sample.ContainerSample;
import io.farrier.transport.GrowingPause;
import io.farrier.transport.HttpStream;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One thread that reads {@code GET /events} and begins again, with growing pauses, whenever it ends. */
final class DockerWatch implements ContainerRuntime.Watch {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);

    /** Docker is back within seconds of its socket; a node without Docker is asked this often. */
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(15);

    /** A quiet node says nothing for hours: the stream is only renewed, which costs one re-list. */
    private static final Duration RENEWAL = Duration.ofMinutes(30);

    /** Health checks would add three exec events every few seconds for each container that has one. */
    private static final String FILTERS = encoded("{\"type\":[\"container\",\"image\",\"daemon\"],"
            + "\"event\":[\"create\",\"start\",\"die\",\"destroy\",\"oom\",\"pause\",\"unpause\",\"restart\",\"rename\","
            + "\"update\",\"health_status\",\"pull\",\"tag\",\"untag\",\"delete\",\"import\",\"load\",\"reload\"]}");

    private final DockerApi api;
    private final Consumer<RuntimeEvent> listener;
    private final CountDownLatch end = new CountDownLatch(1);
    private volatile @Nullable HttpStream stream;

    private DockerWatch(DockerApi api, Consumer<RuntimeEvent> listener) {
        this.api = api;
        this.listener = listener;
    }

    static DockerWatch start(DockerApi api, Consumer<RuntimeEvent> listener) {
        DockerWatch watch = new DockerWatch(api, listener);
        Thread thread = new Thread(watch::run, "docker-events");
        thread.setDaemon(true);
        thread.start();
        return watch;
    }

    private void run() {
        GrowingPause pause = new GrowingPause(FIRST_PAUSE, LONGEST_PAUSE);
        do {
            if (follow()) {
                pause.reset();
            }
        } while (!ended(pause.next()));
    }

    /** True when the daemon was reached. */
    private boolean follow() {
        boolean reached = false;
        try (HttpStream events = subscribe(api, FILTERS)) {
            stream = events;
            if (isClosed()) {
                return true;
            }
            JsonLines lines = new JsonLines(events, RENEWAL);
            reached = true;
            // What happened before this moment is unknown, the first time as after a gap.
            listener.accept(new RuntimeEvent(Kind.RESYNC, "resync", ""));
            for (Optional<JsonNode> line = lines.next(); line.isPresent() && !isClosed(); line = lines.next()) {
                event(line.get()).ifPresent(listener);
            }
        } catch (IOException broken) {
            // The daemon went away or was never there; whoever asks it for something is told so.
            return reached;
        }
        return reached;
    }

    /**
     * {@code since} now, because dockerd sends the head before it subscribes: without it an event of that moment would be
     * lost.
     */
    static HttpStream subscribe(DockerApi api, String filters) throws IOException {
        Instant now = Instant.now();
        String since = now.getEpochSecond() + "." + "%09d".formatted(now.getNano());
        HttpStream events = api.open("GET", "/events?since=" + since + "&filters=" + filters, plain -> plain);
        if (events.status() != 200) {
            events.close();
            throw new IOException("dockerd refused GET /events with status " + events.status());
        }
        return events;
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static Optional<RuntimeEvent> event(JsonNode line) {
        String action = line.path("Action").asText();
        String id = line.path("Actor").path("ID").asText();
        return switch (line.path("Type").asText()) {
            case "container" -> Optional.of(new RuntimeEvent(Kind.CONTAINER, action, id, gone(line)));
            case "image" -> Optional.of(new RuntimeEvent(Kind.IMAGE, action, id));
            case "daemon" -> Optional.of(new RuntimeEvent(Kind.DAEMON, action, id));
            default -> Optional.empty();
        };
    }

    /** Nobody can be asked about one that was removed. */
    private static Optional<ContainerSample> gone(JsonNode line) {
        JsonNode actor = line.path("Actor");
        return line.path("Action").asText().equals("destroy")
                ? Optional.of(ContainerReader.read(actor.path("ID").asText(), actor.path("Attributes")))
                : Optional.empty();
    }

    /** Waits for {@code pause}, give or take a third, so that many nodes do not come back in step. */
    private boolean ended(Duration pause) {
        long millis = pause.toMillis();
        try {
            return end.await(
                    millis * 2 / 3 + ThreadLocalRandom.current().nextLong(millis * 2 / 3 + 1), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            return true;
        }
    }

    private boolean isClosed() {
        return end.getCount() == 0;
    }

    @Override
    public void close() {
        end.countDown();
        HttpStream open = stream;
        if (open != null) {
            open.close();
        }
    }
}
