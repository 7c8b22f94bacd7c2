package io.farrier.check;

import io.farrier.config.FarrierConfig;
import io.farrier.image.RegistryHost;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Leaves a registry that is trusted in peace for a while: hundreds of nodes ask the same one. A fault is looked at again
 * each time, because somebody may be mending it.
 */
public final class RememberedTrust implements RegistryQuestion {
    private static final Duration GOOD_FOR = Duration.ofMinutes(1);
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
        if (verdict.answer() == Answer.TRUSTED) {
            answers.put(registry.host(), new Remembered(verdict, clock.instant().plus(GOOD_FOR)));
        }
        return verdict;
    }
}
