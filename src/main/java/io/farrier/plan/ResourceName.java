package io.farrier.plan;

/** Names what farrier keeps true, as users read it: {@code docker/certs.d}, {@code docker/daemon.json}. */
public record ResourceName(String value) implements Comparable<ResourceName> {
    @Override
    public int compareTo(ResourceName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
