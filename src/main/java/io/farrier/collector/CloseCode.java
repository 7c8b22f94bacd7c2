package io.farrier.collector;

/** Why the collector ends a feed; {@code feed.md} says what an agent does about each. */
enum CloseCode {
    GOING_AWAY(1001),
    PROTOCOL_ERROR(1002),
    POLICY(1008),
    TOO_BIG(1009),
    TRY_AGAIN_LATER(1013),
    REPLACED(4000);

    private final short code;

    CloseCode(int code) {
        this.code = (short) code;
    }

    short code() {
        return code;
    }
}
