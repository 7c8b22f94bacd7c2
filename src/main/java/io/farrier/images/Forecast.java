package io.farrier.images;

import io.farrier.image.ManifestDigest;
import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.registry.Registry;
import io.farrier.registry.RegistryAnswer;
import io.farrier.registry.RegistryClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/** Whether registries hold what a node will ask them for, without pulling anything. */
public final class Forecast {
    private static final int PARALLEL = 8; // 700 references take seconds, and a registry does not notice

    private final RegistryClient client;
    private final Function<RegistryHost, Registry> registries;

    /** @param registries how each registry is talked to, configured or not */
    public Forecast(RegistryClient client, Function<RegistryHost, Registry> registries) {
        this.client = client;
        this.registries = registries;
    }

    /** @param asked where it was looked for, which may be another registry than the reference names */
    public record Line(Reference reference, Reference asked, RegistryAnswer answer) {
        public boolean isMissing() {
            return answer.kind() != RegistryAnswer.Kind.PRESENT;
        }

        /** What was answered, in one lower-case word. */
        public String word() {
            return answer.kind().name().toLowerCase(Locale.ROOT);
        }

        /** What was answered, in one sentence. */
        public String sentence() {
            return answer.sentence();
        }

        public Optional<ManifestDigest> digest() {
            return answer.digest();
        }
    }

    /**
     * One line for each reference, in their order.
     *
     * @param registry to be asked instead of the references' own
     */
    public List<Line> of(List<Reference> references, Optional<RegistryHost> registry) throws IOException {
        ExecutorService pool = Executors.newFixedThreadPool(PARALLEL, work -> {
            Thread thread = new Thread(work, "forecast");
            thread.setDaemon(true);
            return thread;
        });
        try {
            List<Future<Line>> lines = references.stream()
                    .map(reference -> pool.submit(() -> line(reference, registry)))
                    .toList();
            return results(lines);
        } finally {
            pool.shutdownNow();
        }
    }

    private Line line(Reference reference, Optional<RegistryHost> registry) {
        Reference asked = registry.map(reference::under).orElse(reference);
        return new Line(reference, asked, client.find(registries.apply(asked.registry()), asked));
    }

    private static List<Line> results(List<Future<Line>> futures) throws IOException {
        List<Line> lines = new ArrayList<>();
        for (Future<Line> future : futures) {
            try {
                lines.add(future.get());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("asking the registries was interrupted", e);
            } catch (ExecutionException e) {
                throw new IllegalStateException("a question failed in a way that was not foreseen", e.getCause());
            }
        }
        return List.copyOf(lines);
    }
}
