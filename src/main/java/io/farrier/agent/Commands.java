package io.farrier.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.farrier.feed.Facts;
import io.farrier.feed.Frame;
import io.farrier.plan.Outcome;
import io.farrier.reconcile.Order;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** What each verb of the control socket answers, line by line: objects with a {@code type}. */
interface Commands {
    /**
     * @param who for the history
     * @param lines takes the answer; called from any thread
     * @return ends when there is no more to say; its failure is told as the error
     */
    CompletableFuture<Void> run(Verb verb, String who, Consumer<JsonNode> lines);

    static Commands of(Agent agent) {
        return (verb, who, lines) -> switch (verb) {
            case STATUS -> {
                lines.accept(line("status").setAll((ObjectNode) agent.status()));
                yield CompletableFuture.completedFuture(null);
            }
            case APPLY -> agent.apply(Order.byHand(who)).thenAccept(outcomes -> tell(outcomes, lines));
            case APPLY_ALLOWING_REMOVAL ->
                agent.apply(Order.byHand(who).allowingRemoval()).thenAccept(outcomes -> tell(outcomes, lines));
            case RESTORE -> agent.restore(who).thenAccept(outcomes -> tell(outcomes, lines));
            case PULL ->
                agent.pull(progress -> lines.accept(progress(progress)))
                        .thenAccept(images -> lines.accept(line("images").setAll((ObjectNode) Facts.images(images))));
        };
    }

    private static void tell(List<Outcome> outcomes, Consumer<JsonNode> lines) {
        outcomes.forEach(outcome -> lines.accept(line("outcome").setAll((ObjectNode) Facts.outcome(outcome))));
    }

    private static JsonNode progress(Frame.Progress progress) {
        return line("progress")
                .put("about", progress.about())
                .put("done", progress.done())
                .put("total", progress.total())
                .put("note", progress.note());
    }

    private static ObjectNode line(String type) {
        return JsonNodeFactory.instance.objectNode().put("type", type);
    }
}
