package io.farrier.rig;

import com.fasterxml.jackson.databind.JsonNode;
import io.farrier.testing.TestCollector;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The numbers of the lines {@code line N of ...} that the collector has of a container. */
final class StoredNumbers {
    private static final int PAGE = 1000;
    private static final int MAX_PAGES = 2000;

    private StoredNumbers() {}

    /** All of them, sorted; what is there twice is there twice here too. */
    static List<Long> of(TestCollector collector, String node, String container) {
        return of(collector::api, node, container);
    }

    /** @param api answers a path */
    static List<Long> of(Function<String, JsonNode> api, String node, String container) {
        return found(api, "node=" + node + "&container=" + container);
    }

    /** Those of all its containers that print {@code line N of a job}. */
    static List<Long> ofJobs(TestCollector collector, String node) {
        return found(collector::api, "node=" + node + "&q=+of+a+job");
    }

    /** Page by page from the newest; a page whose search ran out of time goes on where it ended. */
    private static List<Long> found(Function<String, JsonNode> api, String query) {
        List<Long> numbers = new ArrayList<>();
        String before = "";
        for (int pages = 0; pages < MAX_PAGES; pages++) {
            JsonNode page = api.apply("/api/logs?" + query + "&limit=" + PAGE + before);
            page.path("lines")
                    .forEach(line -> numbers.add(
                            Long.parseLong(line.path("text").asText().split(" ")[1])));
            if (!page.has("next")) {
                return numbers.stream().sorted().toList();
            }
            before = "&before=" + page.path("next").asText();
        }
        throw new AssertionError("more than " + MAX_PAGES + " pages of " + query);
    }
}
