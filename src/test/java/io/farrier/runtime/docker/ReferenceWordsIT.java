package io.farrier.runtime.docker;

import io.farrier.image.InvalidReferenceException;
import io.farrier.image.Reference;
import io.farrier.testing.PracticeNode;
import io.farrier.transport.Http;
import io.farrier.transport.Response;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is a reference, and why something is none, in the words of distribution/reference: asked of a real dockerd. */
final class ReferenceWordsIT {
    @RegisterExtension
    static final PracticeNode NODE = PracticeNode.named("reference-words");

    private static final String HEX = "0123456789abcdef".repeat(4);

    private static final Vertx VERTX = Vertx.vertx();
    private static final Http HTTP = new Http(VERTX);
    private static DockerApi api;
    private static String image;

    @BeforeAll
    static void start() {
        api = new DockerApi(HTTP, NODE.dockerSocket());
        image = NODE.busybox();
    }

    @AfterAll
    static void close() throws IOException {
        api.close();
        HTTP.close();
        VERTX.close();
    }

    @Test
    void dockerdAndFarrierSayTheSameOfEachReference() throws IOException {
        SoftAssertions each = new SoftAssertions();
        for (String text : references().toList()) {
            Optional<String> theirs = dockerdRefuses(text);
            Optional<String> ours = farrierRefuses(text);
            each.assertThat(ours.isPresent())
                    .as("'%s': dockerd: %s, farrier: %s", text, theirs, ours)
                    .isEqualTo(theirs.isPresent());
            if (theirs.isPresent()) {
                // farrier adds what it was asked.
                each.assertThat(ours.orElse("")).as(text).startsWith(theirs.get());
            }
        }
        each.assertAll();
    }

    private static Stream<String> references() {
        List<String> plain = List.of(
                "busybox",
                "busybox:1.36",
                "rancher/kubectl:v1.26.3",
                "docker.io/rancher/kubectl:v1.26.3",
                "index.docker.io/busybox",
                "registry.example:5000/a/b/c:1",
                "localhost/a",
                "localhost:5000/a:b",
                "REG.example:5000/a",
                "127.0.0.1:5000/a",
                "a--b",
                "a__b",
                "a.b",
                "a-b_c.d",
                "a/b--c/d",
                "a:TAG_with.all-of-it",
                "a:" + "t".repeat(128),
                "xn--n3h.com/a",
                "a@sha256:" + HEX,
                "a:b@sha256:" + HEX,
                "library/busybox",
                "docker.io/busybox:latest",
                "0",
                "0/0:0");
        List<String> wrong = List.of(
                "Busybox",
                "rancher/Kubectl:v1",
                "registry.example/UPPER",
                "a b",
                "a,b",
                "-a",
                "a-",
                "_a",
                "a_",
                ".a",
                "a.",
                "a..b",
                "a._b",
                "a___b",
                "/a",
                "a/",
                "a//b",
                "a:",
                ":a",
                "a:b:c",
                "a:-b",
                "a:.b",
                "a:" + "t".repeat(129),
                "a:b/c",
                "reg:port/a",
                "reg..example/a",
                "-reg.example/a",
                "a@",
                "a@sha256",
                "a@sha256:",
                "a@sha256:abc",
                "a@sha256:" + HEX.substring(1),
                "a@md5:" + HEX,
                "a@sha256:" + HEX.toUpperCase(java.util.Locale.ROOT),
                HEX,
                "https://registry.example/a",
                "a\tb",
                "a#b",
                "a?b",
                "ä",
                "a/ä:1",
                "a:ä",
                "[::1]/",
                "[::1/a",
                "n".repeat(256),
                "registry.example/" + "n".repeat(240),
                "docker.io/",
                "docker.io",
                "registry.example:5000/");
        return Stream.concat(plain.stream(), wrong.stream());
    }

    /** It is asked to give an image this name; a digest it understands and refuses as a name. */
    private static Optional<String> dockerdRefuses(String text) throws IOException {
        Response answer = api.call(
                "POST",
                "/images/" + image + "/tag?repo=" + URLEncoder.encode(text, StandardCharsets.UTF_8),
                plain -> plain.withHeaders(java.util.Map.of("Content-Length", "0")));
        String words = answer.status() == 201 ? "" : DockerApi.words(answer);
        return Optional.of(words).filter(said -> !said.isEmpty() && !said.contains("digest reference"));
    }

    private static Optional<String> farrierRefuses(String text) {
        try {
            Reference.parse(text);
            return Optional.empty();
        } catch (InvalidReferenceException wrong) {
            return Optional.of(String.valueOf(wrong.getMessage()));
        }
    }
}
