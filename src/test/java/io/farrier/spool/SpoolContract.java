package io.farrier.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.farrier.feed.Frame.Event;
import io.farrier.feed.Frame.Topic;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every spool keeps. Its implementations are opened with room for {@link #ROOM} events of {@link #event}. */
abstract class SpoolContract {
    static final int ROOM = 5;
    static final Instant AT = Instant.parse("2026-11-20T10:15:30Z");

    /** The one spool of this test. */
    abstract Spool spool() throws IOException;

    @Test
    void givesBackEventsInOrderUntilTheyAreAcknowledged() throws IOException {
        append(Topic.NODE, 1);
        append(Topic.OUTCOME, 2);
        append(Topic.IMAGES, 3);

        assertThat(kept()).containsExactly("NODE 1", "OUTCOME 2", "IMAGES 3");
        spool().ack(spool().after(0, 2).get(1).seq());
        assertThat(kept()).containsExactly("IMAGES 3");
    }

    @Test
    void givesOnlyWhatIsBehindTheNumberAndNoMoreThanAskedFor() throws IOException {
        Event first = append(Topic.OUTCOME, 1);
        append(Topic.OUTCOME, 2);
        append(Topic.OUTCOME, 3);

        assertThat(spool().after(first.seq(), 1))
                .extracting(SpoolContract::label)
                .containsExactly("OUTCOME 2");
    }

    @Test
    void numbersRise() throws IOException {
        assertThat(append(Topic.NODE, 1).seq())
                .isPositive()
                .isLessThan(append(Topic.NODE, 2).seq());
        assertThat(spool().lastSeq()).isEqualTo(spool().after(0, 9).get(1).seq());
    }

    @Test
    void anOldAckChangesNothing() throws IOException {
        Event first = append(Topic.OUTCOME, 1);
        Event second = append(Topic.OUTCOME, 2);
        spool().ack(second.seq());
        append(Topic.OUTCOME, 3);

        spool().ack(first.seq());

        assertThat(kept()).containsExactly("OUTCOME 3");
    }

    @Test
    void refusesAnAckOfWhatWasNeverGiven() throws IOException {
        long never = append(Topic.OUTCOME, 1).seq() + 1;

        assertThatThrownBy(() -> spool().ack(never)).isInstanceOf(IllegalArgumentException.class);
        assertThat(kept()).containsExactly("OUTCOME 1");
    }

    @Test
    void whenFullTheLatestOfEachStateStays() throws IOException {
        append(Topic.OUTCOME, 0);
        for (int i = 1; i <= 20; i++) {
            append(Topic.NODE, i);
            append(Topic.FINDINGS, i);
        }

        assertThat(kept()).contains("OUTCOME 0", "NODE 20", "FINDINGS 20").hasSizeLessThanOrEqualTo(ROOM);
        assertThat(spool().lost()).isZero();
    }

    @Test
    void outcomesAndFindingsAreNeverDroppedBeforeOthers() throws IOException {
        append(Topic.NODE, 0);
        append(Topic.CONTAINERS, 0);
        append(Topic.FINDINGS, 0);
        for (int i = 1; i <= ROOM - 1; i++) {
            append(Topic.OUTCOME, i);
        }

        assertThat(kept()).containsExactly("FINDINGS 0", "OUTCOME 1", "OUTCOME 2", "OUTCOME 3", "OUTCOME 4");
        assertThat(spool().lost()).isEqualTo(2);
    }

    @Test
    void aFloodOfOutcomesCostsTheOldestOfThemAndIsCounted() throws IOException {
        for (int i = 1; i <= ROOM + 3; i++) {
            append(Topic.OUTCOME, i);
        }

        assertThat(kept()).hasSize(ROOM).endsWith("OUTCOME " + (ROOM + 3));
        assertThat(spool().lost()).isEqualTo(3);
    }

    Event append(Topic topic, int number) throws IOException {
        return spool().append(topic, AT, event(number));
    }

    List<String> kept() throws IOException {
        return spool().after(0, 100).stream().map(SpoolContract::label).toList();
    }

    static JsonNode event(int number) {
        return JsonNodeFactory.instance.objectNode().put("number", number).put("padding", "x".repeat(1000));
    }

    static String label(Event event) {
        return event.topic() + " " + event.data().get("number");
    }
}
