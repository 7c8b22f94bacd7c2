package io.farrier.plan;

import io.farrier.image.Sha256;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file as it is or shall be: absent, or bytes with a permission mode. Owner and further attributes are the
 * writer's business: an existing file keeps its own.
 *
 * @param bytes null when the file is absent; not to be modified by whoever reads it
 * @param mode permission bits such as {@code 0644}; 0 when the file is absent
 */
public record FileState(byte @Nullable [] bytes, int mode) {
    public static final FileState ABSENT = new FileState(null, 0);

    public static FileState of(byte[] bytes, int mode) {
        return new FileState(Objects.requireNonNull(bytes).clone(), mode);
    }

    public boolean isAbsent() {
        return bytes == null;
    }

    /** The same bytes, open to nobody to whom {@code other} is not; as it is where {@code other} is absent. */
    public FileState noWiderThan(FileState other) {
        return isAbsent() || other.isAbsent() ? this : new FileState(bytes, mode & other.mode);
    }

    /** True when somebody may use this file who may not use {@code other}, which is there as well. */
    public boolean isWiderThan(FileState other) {
        return !isAbsent() && !other.isAbsent() && (mode & ~other.mode) != 0;
    }

    /** The content, empty when the file is absent. */
    public byte[] content() {
        return bytes == null ? new byte[0] : bytes;
    }

    /** {@code absent} or {@code sha256:<hex>} of the content. */
    public String fingerprint() {
        return bytes == null ? "absent" : Sha256.of(bytes);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FileState that && mode == that.mode && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Objects.hash(Arrays.hashCode(bytes), mode);
    }

    /** Never the content: it may hold a credential. */
    @Override
    public String toString() {
        return isAbsent() ? "absent" : content().length + " bytes, mode " + Integer.toOctalString(mode);
    }
}
