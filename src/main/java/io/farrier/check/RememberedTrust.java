package io.farrier.check;

import io.farrier.config.FarrierConfig;
import io.farrier.image.RegistryHost;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Asks a registry no more often than its last answer is worth: hundreds of nodes ask the same one. */
public final class RememberedTrust implements RegistryQuestion {
    private static final Duration GOOD_FOR = Duration.ofMinutes(1);
    /** A fault is looked at again soon, because somebody may be mending it. */
    private static final Duration BAD_FOR = Duration.ofSeconds(10);

    private final RegistryQuestion question;
    private final Clock clock;
    private final Map<RegistryHost, Remembered> answers = new ConcurrentHashMap<>();

    public RememberedTrust(RegistryQuestion question, Clock clock) {
        this.question = question;
        this.clock = clock;
    }

    private record Remembered(Verdict verdict, Instant until) {}

    @Override
    public Verdict ask(FarrierConfig.Registry registry) throws IOException {
        Remembered known = answers.get(registry.host());
        if (known != null && clock.instant().isBefore(known.until)) {
            return known.verdict;
        }
        Verdict verdict = question.ask(registry);
        Duration worth = verdict.answer() == Answer.TRUSTED ? GOOD_FOR : BAD_FOR;
        answers.put(registry.host(), new Remembered(verdict, clock.instant().plus(worth)));
        return verdict;
    }
}
