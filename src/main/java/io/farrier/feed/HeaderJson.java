package io.farrier.feed;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.util.Locale;

/** What JSON a header may be. Apart from {@link Header}, since a mapper takes ten times as long to be made. */
final class HeaderJson {
    /** Deeper data is no fact of ours. */
    private static final int MAX_DEPTH = 32;

    private static final int MAX_STRING = 64 << 10;
    private static final int MAX_DIGITS = 32;

    static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxStringLength(MAX_STRING)
                    .maxNameLength(Header.MAX_NAME)
                    .maxNumberLength(MAX_DIGITS)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    private HeaderJson() {}

    /** The constant that is written so, in small letters. */
    static <E extends Enum<E>> E word(String field, String word, Class<E> words) throws InvalidFrameException {
        for (E candidate : words.getEnumConstants()) {
            if (candidate.name().toLowerCase(Locale.ROOT).equals(word)) {
                return candidate;
            }
        }
        throw new InvalidFrameException("field '" + field + "' holds a word that is not known");
    }
}
