package io.farrier.feed;

import java.util.regex.Pattern;

/**
 * Names one log file on one node, for as long as its bytes exist, through renames: derived from device, inode and the
 * fingerprint of its first bytes.
 */
public record SourceId(String value) {
    private static final Pattern GRAMMAR = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    public SourceId {
        if (!GRAMMAR.matcher(value).matches()) {
            throw new IllegalArgumentException("not a source id: expected 1 to 64 characters of [A-Za-z0-9._-]");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
