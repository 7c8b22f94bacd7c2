package io.farrier.pki;

/** Bytes that Docker or containerd would not take for what they should be. The message goes on after the file's name. */
public final class InvalidPemException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public InvalidPemException(String message) {
        super(message);
    }

    /** There always is one. */
    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
