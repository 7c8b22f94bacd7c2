package io.farrier.config;

import java.util.ArrayList;
import java.util.List;

/**
 * Sections that a configuration had and has no more. A file that is missing, empty or half-written must not look like a
 * wish to give everything up (SAFETY 3).
 */
public final class Losses {
    private Losses() {}

    /** What {@code fresh} no longer names at all, as clauses; none where it says that removal is meant. */
    public static List<String> between(FarrierConfig inForce, FarrierConfig fresh) {
        List<String> losses = new ArrayList<>();
        if (!fresh.changes().allowRemoval()) {
            say("registries", inForce.registries().size(), fresh.registries().size(), losses);
            say("mirrors", inForce.mirrors().size(), fresh.mirrors().size(), losses);
            say(
                    "docker.daemon_json",
                    inForce.docker().daemonJson().size(),
                    fresh.docker().daemonJson().size(),
                    losses);
            say("images", wanted(inForce), wanted(fresh), losses);
        }
        return List.copyOf(losses);
    }

    private static int wanted(FarrierConfig config) {
        return config.images().keep().size() + config.images().profiles().size();
    }

    private static void say(String section, int before, int after, List<String> losses) {
        if (before > 0 && after == 0) {
            losses.add("'" + section + "' named " + before + " and names none any more");
        }
    }
}
