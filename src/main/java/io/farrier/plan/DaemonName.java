package io.farrier.plan;

/** A daemon that reads what farrier writes: {@code docker}, {@code containerd}, {@code k3s}, {@code rke2-agent}. */
public record DaemonName(String value) implements Comparable<DaemonName> {
    @Override
    public int compareTo(DaemonName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
