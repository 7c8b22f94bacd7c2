package io.farrier.plan;

import java.util.List;

/**
 * A change that is wanted and not allowed. It blocks nothing else.
 *
 * @param because which brake holds it and how to release it
 * @param wouldStop names of the containers the change would stop
 */
public record Withheld(Change change, String because, List<String> wouldStop) {
    public Withheld {
        wouldStop = List.copyOf(wouldStop);
    }
}
