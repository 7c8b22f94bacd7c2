package io.farrier.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.farrier.image.Reference;
import io.farrier.runtime.ContainerRuntime;
import io.farrier.runtime.LocalImage;
import io.farrier.runtime.PullListener;
import io.farrier.runtime.PullListener.PullProgress;
import io.farrier.runtime.PullRequest;
import io.farrier.runtime.RuntimeEvent;
import io.farrier.runtime.RuntimeEvent.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** What every runtime keeps: the fake, dockerd, containerd. Each test gets an image of its own, not pulled yet. */
public abstract class ContainerRuntimeContract {
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    protected abstract ContainerRuntime runtime() throws Exception;

    /** A reference by tag that the runtime can pull and does not hold. */
    protected abstract Reference servedImage(String tag) throws Exception;

    /** The same image by the digest its registry serves it with. */
    protected abstract Reference byDigest(Reference served) throws Exception;

    /** A reference in the same registry that is not there. */
    protected abstract Reference missingImage() throws Exception;

    @Test
    void saysWhatItIs() throws Exception {
        assertThat(runtime().info().name()).isNotEmpty();
        assertThat(runtime().info().version()).isNotEmpty();
    }

    @Test
    void findsAnImageOnceItIsPulled() throws Exception {
        Reference reference = servedImage("find");
        assertThat(runtime().find(reference)).isEmpty();

        LocalImage pulled = pull(reference);

        assertThat(pulled.tags()).contains(reference.toString());
        assertThat(pulled.digests()).isNotEmpty();
        assertThat(runtime().find(reference))
                .hasValueSatisfying(found -> assertThat(found.id()).isEqualTo(pulled.id()));
    }

    @Test
    void listsWhatItPulledUnderItsFullName() throws Exception {
        Reference reference = servedImage("list");

        LocalImage pulled = pull(reference);

        assertThat(runtime().images()).anySatisfy(image -> {
            assertThat(image.id()).isEqualTo(pulled.id());
            assertThat(image.tags()).contains(reference.toString());
        });
    }

    @Test
    void pullsByDigest() throws Exception {
        Reference digest = byDigest(servedImage("digest"));

        LocalImage pulled = pull(digest);

        assertThat(pulled.digests()).contains(digest.digest().orElseThrow());
        assertThat(runtime().find(digest)).isPresent();
    }

    @Test
    void removesWhatItPulledByDigest() throws Exception {
        Reference digest = byDigest(servedImage("removed"));
        pull(digest);

        runtime().remove(digest);
        runtime().remove(digest);

        assertThat(runtime().find(digest)).isEmpty();
    }

    @Test
    void aPullByDigestAndTagHasBoth() throws Exception {
        Reference served = servedImage("both");
        Reference both = served.at(byDigest(served).digest().orElseThrow());

        LocalImage pulled = pull(both);

        assertThat(pulled.tags()).contains(served.toString());
        assertThat(runtime().find(served))
                .hasValueSatisfying(found -> assertThat(found.id()).isEqualTo(pulled.id()));
    }

    @Test
    void givesAnImageASecondName() throws Exception {
        LocalImage pulled = pull(servedImage("tag"));
        Reference second = Reference.parse("registry.other.example:5000/its/second-name:2");

        runtime().tag(pulled.id(), second);

        assertThat(runtime().find(second))
                .hasValueSatisfying(found -> assertThat(found.id()).isEqualTo(pulled.id()));
    }

    @Test
    void movesANameToAnotherImage() throws Exception {
        LocalImage first = pull(servedImage("move1"));
        LocalImage second = pull(servedImage("move2"));
        Reference name = Reference.parse("registry.other.example:5000/its/moving-name:1");
        runtime().tag(first.id(), name);

        runtime().tag(second.id(), name);

        await().atMost(DEADLINE)
                .untilAsserted(() -> assertThat(runtime().find(name))
                        .hasValueSatisfying(found -> assertThat(found.id()).isEqualTo(second.id())));
    }

    @Test
    void holdsAnImageAndLetsItGoAgain() throws Exception {
        Reference reference = servedImage("pin");
        pull(reference);
        assertThat(runtime().pinned()).doesNotContain(reference);

        runtime().pin(reference);
        runtime().pin(reference);
        assertThat(runtime().pinned()).contains(reference);

        runtime().unpin(reference);
        runtime().unpin(reference);
        assertThat(runtime().pinned()).doesNotContain(reference);
        assertThat(runtime().find(reference)).isPresent();
    }

    @Test
    void cannotHoldWhatIsNotHere() throws Exception {
        Reference missing = missingImage();

        assertThatThrownBy(() -> runtime().pin(missing))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(missing.path());
    }

    @Test
    void takesInImagesThatCameFromNoRegistry() throws Exception {
        TinyImage image = TinyImage.of("registry.other.example:5000/loaded/app:1", "one layer", "another layer");
        assertThat(runtime().find(image.name())).isEmpty();

        runtime().load(image);
        runtime().load(image);

        assertThat(runtime().find(image.name())).isPresent();
    }

    @Test
    void doesNotTakeOneTagForAnotherOfTheSameDigest() throws Exception {
        Reference served = servedImage("other");
        Reference digest = byDigest(served);
        pull(digest);

        Reference otherTag = new Reference(served.registry(), served.path(), Optional.of("never-set"), digest.digest());
        assertThat(runtime().find(otherTag)).isEmpty();
    }

    @Test
    void pullingTwiceIsNoError() throws Exception {
        Reference reference = servedImage("twice");

        assertThat(pull(reference).id()).isEqualTo(pull(reference).id());
    }

    @Test
    void saysWhyAnImageCannotBePulled() throws Exception {
        Reference missing = missingImage();

        assertThatThrownBy(() -> pull(missing)).isInstanceOf(IOException.class).hasMessageContaining("not found");
        assertThat(runtime().find(missing)).isEmpty();
    }

    @Test
    void reportsProgressThatNeverGoesBeyondItsTotal() throws Exception {
        List<PullProgress> seen = new CopyOnWriteArrayList<>();

        pull(servedImage("progress"), seen::add);

        assertThat(seen)
                .isNotEmpty()
                .allSatisfy(progress -> assertThat(progress.doneBytes()).isBetween(0L, progress.totalBytes()));
    }

    @Test
    void tellsAWatcherToListAndThenOfNewImages() throws Exception {
        List<RuntimeEvent> seen = new CopyOnWriteArrayList<>();
        try (ContainerRuntime.Watch watch = runtime().watch(seen::add)) {
            await().atMost(DEADLINE)
                    .untilAsserted(() -> assertThat(seen)
                            .anySatisfy(event -> assertThat(event.kind()).isEqualTo(Kind.RESYNC)));

            pull(servedImage("watch"));

            await().atMost(DEADLINE)
                    .untilAsserted(() -> assertThat(seen)
                            .anySatisfy(event -> assertThat(event.kind()).isEqualTo(Kind.IMAGE)));
        }
    }

    private LocalImage pull(Reference reference) throws Exception {
        return pull(reference, PullListener.SILENT);
    }

    private LocalImage pull(Reference reference, PullListener listener) throws Exception {
        return runtime().pull(new PullRequest(reference, Optional.empty()), listener);
    }
}
