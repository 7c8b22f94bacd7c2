package io.farrier.collector.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.farrier.collector.identity.NodeKey;
import io.farrier.collector.identity.NodeName;
import io.farrier.feed.Frame.Event;
import io.farrier.feed.Frame.Hello;
import io.farrier.feed.Frame.Topic;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FactStoreTest {
    private static final NodeName A = new NodeName("a");
    private static final NodeName B = new NodeName("b");
    private static final NodeKey KEY_OF_A = NodeKey.of("the-secret-of-node-a");
    private static final NodeKey KEY_OF_B = NodeKey.of("the-secret-of-node-b");
    private static final Instant NOW = Instant.parse("2026-11-20T10:00:00Z");
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    private FactStore store;

    @BeforeEach
    void open() throws Exception {
        store = FactStore.open(folder.resolve("facts.db"));
    }

    @AfterEach
    void close() throws Exception {
        store.close();
    }

    @Test
    void aNameAndAKeyBelongToEachOtherFromTheFirstHelloOn() throws Exception {
        assertThat(bind(A, KEY_OF_A).isRefused()).isFalse();
        assertThat(bind(A, KEY_OF_A).isRefused()).isFalse();
        assertThat(bind(A, KEY_OF_B).refusal()).hasValue("the name a is bound to another node's key");
        assertThat(bind(B, KEY_OF_A).refusal()).hasValue("this node's key is bound to the name a");
    }

    @Test
    void bindingsSurviveARestart() throws Exception {
        bind(A, KEY_OF_A);
        close();
        open();

        assertThat(bind(A, KEY_OF_B).isRefused()).isTrue();
        assertThat(bind(B, KEY_OF_B).isRefused()).isFalse();
    }

    @Test
    void aForgottenNameIsFree() throws Exception {
        bind(A, KEY_OF_A);
        append(A, 1, Topic.NODE, "{}");

        assertThat(store.forget(A).get(30, TimeUnit.SECONDS)).isTrue();
        assertThat(store.state(A, Topic.NODE)).isEmpty();
        assertThat(bind(A, KEY_OF_B).isRefused()).isFalse();
    }

    @Test
    void theKeyItselfIsNeverStored() throws Exception {
        assertThat(KEY_OF_A.sha256()).hasSize(64);
        assertThat(KEY_OF_A.toString()).doesNotContain("secret");
    }

    @Test
    void aStateReplacesTheOneBeforeAndAnOutcomeIsAdded() throws Exception {
        bind(A, KEY_OF_A);
        append(A, 1, Topic.IMAGES, "{\"images\":[{\"state\":\"missing\"}]}");
        append(A, 2, Topic.IMAGES, "{\"images\":[{\"state\":\"present\"},{\"state\":\"present\"}]}");
        append(A, 3, Topic.OUTCOME, "{\"n\":1}");
        append(A, 4, Topic.OUTCOME, "{\"n\":2}");

        assertThat(store.state(A, Topic.IMAGES).orElseThrow().data())
                .contains("present")
                .doesNotContain("missing");
        assertThat(store.history(A, 10)).extracting(StoredEvent::data).containsExactly("{\"n\":2}", "{\"n\":1}");
        assertThat(store.summaries(Optional.of(A)))
                .extracting(StateSummary::summary)
                .containsExactly("{\"total\":2,\"present\":2}");
    }

    @Test
    void whatWasSentTwiceIsStoredOnceAlsoAfterARestart() throws Exception {
        bind(A, KEY_OF_A);
        assertThat(append(A, 5, Topic.OUTCOME, "{}")).isTrue();
        close();
        open();

        assertThat(append(A, 5, Topic.OUTCOME, "{}")).isFalse();
        assertThat(append(A, 4, Topic.OUTCOME, "{}")).isFalse();
        assertThat(append(A, 9, Topic.OUTCOME, "{}")).isTrue();
        assertThat(store.history(A, 10)).hasSize(2);
    }

    @Test
    void spoolsAndHistoryAreBounded() throws Exception {
        bind(A, KEY_OF_A);
        for (int i = 0; i < FactStore.MAX_OUTCOMES + 20; i++) {
            store.append(A, event("s" + i, 1, Topic.OUTCOME, "{\"n\":" + i + "}"), NOW.plusMillis(i));
        }
        append(A, 1, Topic.NODE, "{}");

        assertThat(store.history(A, 10_000)).hasSize(FactStore.MAX_OUTCOMES);
        assertThat(store.history(A, 1).get(0).data()).isEqualTo("{\"n\":519}");
    }

    @Test
    void bothClocksAreKept() throws Exception {
        bind(A, KEY_OF_A);
        Instant wrong = Instant.parse("1970-01-01T00:00:07Z");
        store.append(A, new Event("s", 1, Topic.NODE, wrong, JSON.readTree("{}")), NOW)
                .get();

        StoredEvent state = store.state(A, Topic.NODE).orElseThrow();
        assertThat(state.at()).isEqualTo(wrong);
        assertThat(state.received()).isEqualTo(NOW);
        assertThat(store.node(A).orElseThrow().nodeTime()).isEqualTo(wrong);
        assertThat(store.node(A).orElseThrow().lastSeen()).isEqualTo(NOW);
    }

    @Test
    void aClockAtTheEndOfTimeIsNoReasonToFall() throws Exception {
        bind(A, KEY_OF_A);

        assertThat(store.append(A, new Event("s", 1, Topic.NODE, Instant.MAX, JSON.readTree("{}")), NOW)
                        .get(30, TimeUnit.SECONDS))
                .isTrue();
    }

    private Binding bind(NodeName node, NodeKey key) throws Exception {
        return store.bind(node, key, new Hello(1, node.value(), "test", "b", List.of(), Map.of()), NOW)
                .get(30, TimeUnit.SECONDS);
    }

    private boolean append(NodeName node, long seq, Topic topic, String data) throws Exception {
        return store.append(node, event("spool", seq, topic, data), NOW).get(30, TimeUnit.SECONDS);
    }

    private static Event event(String spool, long seq, Topic topic, String data) throws Exception {
        return new Event(spool, seq, topic, NOW, JSON.readTree(data));
    }
}
