package io.farrier.config;

import io.farrier.pki.Certificate;
import io.farrier.pki.Certificates;
import io.farrier.pki.PrivateKeys;
import io.farrier.secret.Secret;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The path of a file whose content is the value. */
final class FileType<T> implements Type<FileType.Content<T>> {
    private static final int MAX_PEM_BYTES = 1 << 20;
    /** Longer than any token or password that a registry takes. */
    private static final int MAX_SECRET_BYTES = 4096;

    private static final int MAX_LABELS_BYTES = 16 * 1024;

    private final int maxBytes;
    private final boolean isSecret;
    private final Parser<T> parser;

    /** @param file as the node sees it */
    record Content<T>(Path file, T value) {}

    /** Content to value, or an IllegalArgumentException whose message goes on after the file's name. */
    interface Parser<T> {
        T parse(byte[] bytes);
    }

    private FileType(int maxBytes, boolean isSecret, Parser<T> parser) {
        this.maxBytes = maxBytes;
        this.isSecret = isSecret;
        this.parser = parser;
    }

    static FileType<List<Certificate>> certificates() {
        return new FileType<>(MAX_PEM_BYTES, false, Certificates::parsePem);
    }

    /** A private key in PEM, kept as it stands in the file. */
    static FileType<Secret> privateKey() {
        return new FileType<>(MAX_PEM_BYTES, true, bytes -> {
            PrivateKeys.parsePem(bytes);
            return Secret.of(new String(bytes, StandardCharsets.US_ASCII));
        });
    }

    /** A password or token: one line of text. */
    static FileType<Secret> secret() {
        return new FileType<>(MAX_SECRET_BYTES, true, bytes -> Secret.of(oneLine(bytes)));
    }

    /** Lines {@code name=value}, as an environment file of systemd; empty ones and comments are skipped. */
    static FileType<Map<String, String>> assignments() {
        return new FileType<>(MAX_LABELS_BYTES, false, bytes -> {
            Map<String, String> all = new LinkedHashMap<>();
            for (String line : new String(bytes, StandardCharsets.UTF_8)
                    .lines()
                    .map(String::strip)
                    .toList()) {
                if (!line.isEmpty() && !line.startsWith("#")) {
                    assign(line, all);
                }
            }
            return all;
        });
    }

    private static void assign(String line, Map<String, String> all) {
        int equals = line.indexOf('=');
        String name = line.substring(0, Math.max(0, equals)).strip();
        String value = line.substring(equals + 1).strip();
        if (name.isEmpty() || line.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("holds a line that is not 'name=value'");
        }
        all.put(name, value);
    }

    @Override
    public Optional<Content<T>> read(Yaml value, Place place) {
        if (!(value instanceof Yaml.Scalar scalar)
                || scalar.isNull()
                || scalar.text().isBlank()) {
            place.wrongType(value, "the path of a file");
            return Optional.empty();
        }
        try {
            Path file = place.reading().resolve(scalar.text());
            T content = parser.parse(place.reading().read(file, maxBytes));
            place.effective(isSecret ? scalar.text() + " (***)" : scalar.text(), scalar.origin());
            warnOfReaders(file, scalar, place);
            return Optional.of(new Content<>(file, content));
        } catch (UntrustedPathException untrusted) {
            place.problem(scalar.origin(), "is refused: " + untrusted.getMessage());
        } catch (IOException | InvalidPathException unreadable) {
            place.problem(scalar.origin(), unreadable(unreadable, scalar, place));
        } catch (IllegalArgumentException wrong) {
            place.problem(scalar.origin(), "is wrong: " + scalar.text() + " " + wrong.getMessage());
        }
        return Optional.empty();
    }

    @Override
    public Map<String, Object> schema() {
        return ScalarType.schema("type", "string", "minLength", 1);
    }

    /** Somebody may have written the password where its file's path belongs, so that is not repeated. */
    private String unreadable(Exception unreadable, Yaml.Scalar scalar, Place place) {
        if (isSecret) {
            return "must be the path of a file that can be read; there is none of that name";
        }
        if (unreadable instanceof InvalidPathException) {
            return "is not a path";
        }
        Path shown = place.reading().shown(place.reading().resolve(scalar.text()));
        return unreadable instanceof NoSuchFileException
                ? "names a file that is not there: " + shown
                : "names a file that cannot be read: " + unreadable.getMessage();
    }

    private void warnOfReaders(Path file, Yaml.Scalar scalar, Place place) throws IOException {
        if (isSecret && place.reading().isReadableByEveryone(file)) {
            Path shown = place.reading().shown(file);
            place.warning(scalar.origin(), "names a secret that every user can read. Run 'chmod 600 " + shown + "'.");
        }
    }

    private static String oneLine(byte[] bytes) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString()
                    .strip();
            if (text.isEmpty()) {
                throw new IllegalArgumentException("is empty");
            }
            if (text.chars().anyMatch(Character::isISOControl)) {
                throw new IllegalArgumentException("must hold one line of text");
            }
            return text;
        } catch (CharacterCodingException notText) {
            throw new IllegalArgumentException("is not UTF-8 text");
        }
    }
}
