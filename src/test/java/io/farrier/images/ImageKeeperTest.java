package io.farrier.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farrier.config.FarrierConfig.Hold;
import io.farrier.config.FarrierConfig.Pulls;
import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.runtime.ContainerRuntime;
import io.farrier.runtime.Images;
import io.farrier.runtime.LocalImage;
import io.farrier.runtime.PullListener;
import io.farrier.runtime.PullListener.PullProgress;
import io.farrier.runtime.PullRequest;
import io.farrier.runtime.RegistryCredentials;
import io.farrier.runtime.RuntimeEvent;
import io.farrier.runtime.RuntimeInfo;
import io.farrier.runtime.RuntimeUnavailableException;
import io.farrier.sample.ContainerSample;
import io.farrier.sample.ImageStatus;
import io.farrier.sample.ImageStatus.State;
import io.farrier.secret.Secret;
import io.farrier.testing.FakeRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

final class ImageKeeperTest {
    private static final Reference PAUSE = Reference.parse("rancher/mirrored-pause:3.6");
    private static final Reference KUBECTL = Reference.parse("rancher/kubectl:v1.26.3");
    private static final Reference CIS = Reference.parse("rancher/cis-operator:v1.0.12");

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final FakeRuntime runtime = new FakeRuntime();
    private final Board board = new Board();
    private final List<Duration> waits = new CopyOnWriteArrayList<>();

    @Test
    void asksOnceWhenNothingIsMissing() throws IOException {
        runtime.holds(PAUSE).holds(KUBECTL);

        List<ImageStatus> statuses = keeper(PAUSE, KUBECTL).keep(board);

        assertThat(statuses).extracting(ImageStatus::state).containsOnly(State.PRESENT);
        assertThat(runtime.calls()).containsExactly("images");
        assertThat(board.ended).isEmpty();
    }

    @Test
    void pullsWhatIsMissingPauseFirst() throws IOException {
        runtime.serves(KUBECTL).serves(PAUSE).serves(CIS);

        List<ImageStatus> statuses = keeper(1, KUBECTL, CIS, PAUSE).keep(board);

        assertThat(runtime.calls()).containsExactly("images", "pull " + PAUSE, "pull " + KUBECTL, "pull " + CIS);
        assertThat(statuses).extracting(ImageStatus::state).containsOnly(State.PRESENT);
        assertThat(board.ended).isEqualTo(statuses);
    }

    @Test
    void oneFailureNeverStopsTheRestAndIsGivenInTheDaemonsWords() throws IOException {
        runtime.serves(PAUSE).serves(CIS);

        List<ImageStatus> statuses = keeper(PAUSE, KUBECTL, CIS).keep(board);

        assertThat(statuses).extracting(ImageStatus::state).containsExactly(State.PRESENT, State.FAILED, State.PRESENT);
        assertThat(statuses.get(1).reason()).contains("manifest unknown");
    }

    @Test
    void remembersWhyAnImageIsMissingUntilItIsThere() throws IOException {
        ImageKeeper keeper = keeper(KUBECTL);
        keeper.keep(board);

        assertThat(keeper.check()).singleElement().satisfies(status -> {
            assertThat(status.state()).isEqualTo(State.FAILED);
            assertThat(status.reason()).contains("manifest unknown");
        });

        runtime.serves(KUBECTL);
        keeper.keep(board);

        assertThat(keeper.check()).extracting(ImageStatus::state).containsExactly(State.PRESENT);
    }

    @Test
    void triesAgainWithGrowingPausesWhatMayPass() throws IOException {
        runtime.serves(KUBECTL)
                .failsOnce(KUBECTL, "net/http: TLS handshake timeout")
                .failsOnce(KUBECTL, "received unexpected HTTP status: 500 Internal Server Error")
                .failsOnce(KUBECTL, "toomanyrequests: You have reached your pull rate limit");

        assertThat(keeper(KUBECTL).keep(board)).extracting(ImageStatus::state).containsExactly(State.PRESENT);

        assertThat(waits).hasSize(3);
        assertThat(waits.get(0)).isBetween(Duration.ofMillis(500), Duration.ofSeconds(1));
        assertThat(waits.get(2)).isBetween(Duration.ofSeconds(2), Duration.ofSeconds(4));
    }

    @Test
    void givesUpAfterSixTimes() throws IOException {
        for (int i = 0; i < 9; i++) {
            runtime.failsOnce(KUBECTL, "i/o timeout");
        }

        List<ImageStatus> statuses = keeper(KUBECTL).keep(board);

        assertThat(statuses).extracting(ImageStatus::reason).containsExactly("i/o timeout");
        assertThat(runtime.calls()).filteredOn(call -> call.startsWith("pull")).hasSize(6);
    }

    @Test
    void doesNotRepeatARefusedLoginNorAnUntrustedRegistry() throws IOException {
        runtime.failsOnce(KUBECTL, "Head \"https://r/v2/\": unauthorized: authentication required")
                .failsOnce(CIS, "Get \"https://r/v2/\": x509: certificate signed by unknown authority");

        keeper(KUBECTL, CIS).keep(board);

        assertThat(runtime.calls()).filteredOn(call -> call.startsWith("pull")).hasSize(2);
        assertThat(waits).isEmpty();
    }

    @Test
    void saysUnknownNotMissingWhenTheRuntimeGoesAwayBetween() throws IOException {
        assertThat(on(new Leaving(runtime), KUBECTL).build().keep(board))
                .extracting(ImageStatus::state)
                .containsExactly(State.UNKNOWN);
    }

    @Test
    void throwsWhenTheRuntimeIsNotThereToBeginWith() {
        runtime.goAway();

        assertThatThrownBy(() -> keeper(KUBECTL).check()).isInstanceOf(RuntimeUnavailableException.class);
    }

    @Test
    void looksReferencesByDigestUpOneByOneBecauseAListDoesNotNameTheirRepository() throws IOException {
        Reference digest = Reference.parse("rancher/kubectl@sha256:" + "ab".repeat(32));
        runtime.holds(digest);

        assertThat(keeper(digest).check()).extracting(ImageStatus::state).containsExactly(State.PRESENT);
        assertThat(runtime.calls()).containsExactly("images", "find " + digest);
    }

    /** A thread is begun for each pull until there are as many as may run. */
    @Test
    void withARateItPullsOneAtATime() throws Exception {
        Set<String> threads = ConcurrentHashMap.newKeySet();
        runtime.serves(PAUSE)
                .serves(KUBECTL)
                .serves(CIS)
                .beforePulls(reference -> threads.add(Thread.currentThread().getName()));
        Pulls slow = new Pulls(
                List.of(), Path.of("/none"), Hold.NONE, 100, Optional.empty(), Optional.of(1L << 40), 10, PATIENCE);

        assertThat(on(runtime, PAUSE, KUBECTL, CIS).at(3).as(slow, true).build().keep(board))
                .extracting(ImageStatus::state)
                .containsOnly(State.PRESENT);
        assertThat(threads).hasSize(1);
    }

    @Test
    void pullsInParallelUpToItsBound() throws Exception {
        CyclicBarrier both = new CyclicBarrier(2);
        AtomicInteger most = new AtomicInteger();
        AtomicInteger now = new AtomicInteger();
        ContainerRuntime waiting =
                new Forwarding(runtime.serves(PAUSE).serves(KUBECTL).serves(CIS).serves(Reference.parse("a/b:1"))) {
                    @Override
                    public LocalImage pull(PullRequest request, PullListener listener) throws IOException {
                        most.accumulateAndGet(now.incrementAndGet(), Math::max);
                        try {
                            both.await(10, TimeUnit.SECONDS);
                            return super.pull(request, listener);
                        } catch (Exception e) {
                            throw new IOException("nobody pulled beside " + request.reference(), e);
                        } finally {
                            now.decrementAndGet();
                        }
                    }
                };

        List<ImageStatus> statuses = on(waiting, PAUSE, KUBECTL, CIS, Reference.parse("a/b:1"))
                .at(2)
                .build()
                .keep(board);

        assertThat(statuses).extracting(ImageStatus::state).containsOnly(State.PRESENT);
        assertThat(most).hasValue(2);
    }

    @Test
    void showsProgressFourTimesASecondAtMost() throws IOException {
        ContainerRuntime chatty = new Forwarding(runtime.serves(KUBECTL)) {
            @Override
            public LocalImage pull(PullRequest request, PullListener listener) throws IOException {
                for (int i = 0; i < 1000; i++) {
                    listener.progress(new PullProgress(i, 1000, "Downloading"));
                }
                return super.pull(request, PullListener.SILENT);
            }
        };
        Clock stopped = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);

        ImageKeeper.of(chatty, wanted(KUBECTL), stopped)
                .pausing(pauses())
                .build()
                .keep(board);

        assertThat(board.progress).containsExactly(KUBECTL + " 0/1000 Downloading");
        assertThat(board.ended).hasSize(1);
    }

    @Test
    void givesEachPullTheLoginOfItsRegistry() throws IOException {
        Reference ours = Reference.parse("registry.example:5000/app:1");
        RegistryCredentials login =
                new RegistryCredentials(RegistryHost.parse("registry.example:5000"), "robot", Secret.of("s3cret"));
        List<PullRequest> asked = new CopyOnWriteArrayList<>();
        ContainerRuntime listening = new Forwarding(runtime.serves(ours).serves(KUBECTL)) {
            @Override
            public LocalImage pull(PullRequest request, PullListener listener) throws IOException {
                asked.add(request);
                return super.pull(request, listener);
            }
        };

        on(listening, ours, KUBECTL)
                .with(host -> Optional.of(login).filter(l -> l.host().equals(host)))
                .at(1)
                .build()
                .keep(board);

        assertThat(asked)
                .containsExactly(new PullRequest(ours, Optional.of(login)), new PullRequest(KUBECTL, Optional.empty()));
        assertThat(asked.toString()).doesNotContain("s3cret");
    }

    private ImageKeeper keeper(Reference... references) {
        return keeper(3, references);
    }

    private ImageKeeper keeper(int parallel, Reference... references) {
        return on(runtime, references).at(parallel).build();
    }

    private ImageKeeper.Builder on(ContainerRuntime where, Reference... references) {
        return ImageKeeper.of(where, wanted(references), Clock.systemUTC()).pausing(pauses());
    }

    private static WantedImages wanted(Reference... references) {
        return WantedImages.of(List.of(references), List.of(), Optional.empty());
    }

    private Pauses pauses() {
        return new Pauses(new Random(1), waits::add);
    }

    private static final class Board implements PullBoard {
        private final List<String> progress = new CopyOnWriteArrayList<>();
        private final List<ImageStatus> ended = new CopyOnWriteArrayList<>();

        @Override
        public void progress(String reference, long doneBytes, long totalBytes, String note) {
            progress.add(reference + " " + doneBytes + "/" + totalBytes + " " + note);
        }

        @Override
        public void ended(ImageStatus status) {
            ended.add(status);
        }
    }

    /** Answers lists and is gone when it comes to pulling. */
    private static final class Leaving extends Forwarding {
        Leaving(ContainerRuntime to) {
            super(to);
        }

        @Override
        public LocalImage pull(PullRequest request, PullListener listener) throws IOException {
            throw new RuntimeUnavailableException("dockerd does not answer");
        }
    }

    private static class Forwarding implements ContainerRuntime {
        private final ContainerRuntime to;

        Forwarding(ContainerRuntime to) {
            this.to = to;
        }

        @Override
        public RuntimeInfo info() throws IOException {
            return to.info();
        }

        @Override
        public Optional<LocalImage> find(Reference reference) throws IOException {
            return to.find(reference);
        }

        @Override
        public List<LocalImage> images() throws IOException {
            return to.images();
        }

        @Override
        public LocalImage pull(PullRequest request, PullListener listener) throws IOException {
            return to.pull(request, listener);
        }

        @Override
        public void tag(io.farrier.image.ImageId id, Reference name) throws IOException {
            to.tag(id, name);
        }

        @Override
        public Optional<io.farrier.image.ManifestDigest> lookAtRegistry(PullRequest request) throws IOException {
            return to.lookAtRegistry(request);
        }

        @Override
        public void remove(Reference reference) throws IOException {
            to.remove(reference);
        }

        @Override
        public void pin(Reference reference) throws IOException {
            to.pin(reference);
        }

        @Override
        public void unpin(Reference reference) throws IOException {
            to.unpin(reference);
        }

        @Override
        public Set<Reference> pinned() throws IOException {
            return to.pinned();
        }

        @Override
        public void load(Images images) throws IOException {
            to.load(images);
        }

        @Override
        public List<ContainerSample> containers() throws IOException {
            return to.containers();
        }

        @Override
        public Watch watch(Consumer<RuntimeEvent> listener) {
            return to.watch(listener);
        }

        @Override
        public void close() {
            to.close();
        }
    }
}
