package io.farrier.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** One reading of a configuration: what it may look at, and what it has found so far. */
final class Reading {
    private final TrustedFiles trustedFiles;
    private final Path file;
    private final String hostName;
    private final Clock clock;
    private final List<Problem> problems = new ArrayList<>();
    private final List<Problem> warnings = new ArrayList<>();
    private final List<EffectiveValue> values = new ArrayList<>();
    private final Set<Path> files = new LinkedHashSet<>();
    private final MessageDigest seen = sha256();

    Reading(TrustedFiles trustedFiles, Path file, String hostName, Clock clock) {
        this.trustedFiles = trustedFiles;
        this.file = file;
        this.hostName = hostName;
        this.clock = clock;
    }

    String hostName() {
        return hostName;
    }

    Instant now() {
        return clock.instant();
    }

    /** How messages name a file: as a person on this machine opens it. */
    Path shown(Path path) {
        return trustedFiles.shown(path);
    }

    /**
     * A path of the configuration as the node sees it. Relative ones begin at the folder of the main file, in
     * {@code farrier.d} too: moving a block between files does not change what it means.
     */
    Path resolve(String path) {
        return file.resolveSibling(path).normalize();
    }

    byte[] read(Path path, int maxBytes) throws IOException {
        byte[] bytes = trustedFiles.read(path, maxBytes);
        files.add(shown(path));
        seen.update(shown(path).toString().getBytes(StandardCharsets.UTF_8));
        seen.update(bytes);
        return bytes;
    }

    List<String> list(Path folder) throws IOException {
        List<String> names = trustedFiles.list(folder);
        files.add(shown(folder));
        return names;
    }

    boolean isReadableByEveryone(Path path) throws IOException {
        return trustedFiles.isReadableByEveryone(path);
    }

    List<Problem> problems() {
        return problems;
    }

    List<Problem> warnings() {
        return warnings;
    }

    List<EffectiveValue> values() {
        return values;
    }

    /** Files and folders that were looked at: when one of them changes, the configuration may. */
    List<Path> files() {
        return List.copyOf(files);
    }

    /** Of every byte that was read, secrets too: another one is another configuration. Ends the reading. */
    String fingerprint() {
        return "sha256:" + HexFormat.of().formatHex(seen.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    void problem(Origin origin, String message) {
        problems.add(at(origin, message));
    }

    void warning(Origin origin, String message) {
        warnings.add(at(origin, message));
    }

    private Problem at(Origin origin, String message) {
        Path at = origin.file();
        return new Problem(at == null ? shown(file) : at, origin.line(), message);
    }
}
