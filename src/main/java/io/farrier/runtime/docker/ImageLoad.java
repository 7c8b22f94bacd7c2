package io.farrier.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.farrier.runtime.Images;
import io.farrier.transport.HttpStream;
import io.farrier.transport.Upload;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/** {@code docker load}: one tar, written as dockerd takes it. */
final class ImageLoad {
    /** dockerd unpacks the whole tar before it says its first word. */
    private static final Duration IDLE = Duration.ofMinutes(15);

    private static final int PIECE_BYTES = 256 * 1024;

    private final DockerApi api;

    ImageLoad(DockerApi api) {
        this.api = api;
    }

    void run(Images images) throws IOException {
        try (Upload upload = api.upload("/images/load?quiet=1", IDLE)) {
            send(images, upload);
            check(upload.answer());
        }
    }

    private static void send(Images images, Upload upload) throws IOException {
        try (OutputStream out = new BufferedOutputStream(new Body(upload), PIECE_BYTES)) {
            images.writeArchive(out);
        } catch (AnsweredEarlyException whatItSaysCounts) {
            return;
        }
        upload.end();
    }

    /** As with a pull, the status is 200 and the failure comes inside the stream. */
    private static void check(HttpStream answer) throws IOException {
        JsonLines lines = new JsonLines(answer, IDLE);
        for (Optional<JsonNode> line = lines.next(); line.isPresent(); line = lines.next()) {
            JsonNode said = line.get();
            String error = said.path("errorDetail")
                    .path("message")
                    .asText(said.path("error").asText(said.path("message").asText()));
            if (!error.isEmpty()) {
                throw new IOException("dockerd refused the archive: " + error);
            }
        }
        if (answer.status() != 200) {
            throw new IOException("dockerd refused the archive with status " + answer.status());
        }
    }

    private static final class AnsweredEarlyException extends IOException {
        private static final long serialVersionUID = 1L;
    }

    private static final class Body extends OutputStream {
        private final Upload upload;

        Body(Upload upload) {
            this.upload = upload;
        }

        @Override
        public void write(int oneByte) throws IOException {
            write(new byte[] {(byte) oneByte}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            byte[] piece = from == 0 ? bytes : Arrays.copyOfRange(bytes, from, from + length);
            if (!upload.write(piece, length)) {
                throw new AnsweredEarlyException();
            }
        }
    }
}
