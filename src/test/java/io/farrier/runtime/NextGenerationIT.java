package io.farrier.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.farrier.image.ManifestDigest;
import io.farrier.image.Reference;
import io.farrier.node.ProcessCommands;
import io.farrier.runtime.containerd.CriRuntime;
import io.farrier.runtime.docker.DockerRuntime;
import io.farrier.testing.ContainerRuntimeContract;
import io.farrier.testing.PracticeNode;
import io.farrier.transport.Http;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The contract against Debian 13's daemons (Docker 26.1, containerd 1.7); the other tests have this machine's. */
final class NextGenerationIT {
    /** Not an extension: nested classes would each begin a node of their own. */
    private static final PracticeNode NODE = PracticeNode.named("next-generation")
            .suite(System.getProperty("farrier.suite", "trixie"))
            .runtime("docker+containerd");

    private static final Vertx VERTX = Vertx.vertx();
    private static final Http HTTP = new Http(VERTX);

    @BeforeAll
    static void trustTheRegistry() throws IOException {
        NODE.up();
        Path docker = Files.createDirectories(NODE.file("/etc/docker/certs.d").resolve(NODE.registry()));
        Files.copy(NODE.registryCa(), docker.resolve("ca.crt"));
        Path containerd =
                Files.createDirectories(NODE.file("/etc/containerd/certs.d").resolve(NODE.registry()));
        Path ca = Files.copy(NODE.registryCa(), containerd.resolve("ca.crt"));
        Files.writeString(
                containerd.resolve("hosts.toml"),
                "server = \"https://" + NODE.registry() + "\"\nca = \"/etc/containerd/certs.d/" + NODE.registry() + "/"
                        + ca.getFileName() + "\"\n");
    }

    @AfterAll
    static void close() {
        HTTP.close();
        VERTX.close();
        NODE.close();
    }

    private abstract static class Contract extends ContainerRuntimeContract {
        private final String prefix;

        Contract(String prefix) {
            this.prefix = prefix;
        }

        @Override
        protected Reference servedImage(String tag) {
            NODE.seed(prefix + "/" + tag + ":1");
            return Reference.parse(NODE.registry() + "/" + prefix + "/" + tag + ":1");
        }

        @Override
        protected Reference byDigest(Reference served) {
            String digest = NODE.exec(
                            "skopeo", "inspect", "--tls-verify=false", "--format", "{{.Digest}}", "docker://" + served)
                    .succeeded()
                    .out()
                    .strip();
            return new Reference(
                    served.registry(), served.path(), Optional.empty(), Optional.of(new ManifestDigest(digest)));
        }

        @Override
        protected Reference missingImage() {
            return Reference.parse(NODE.registry() + "/" + prefix + "/missing:1");
        }
    }

    @Nested
    final class Docker extends Contract {
        Docker() {
            super("docker");
        }

        @Override
        protected ContainerRuntime runtime() {
            return new DockerRuntime(HTTP, NODE.dockerSocket());
        }
    }

    @Nested
    final class Containerd extends Contract {
        Containerd() {
            super("containerd");
        }

        /** CRI says it up to 1.7; of 2.x it is in the files and the program. */
        @Test
        void saysWhichPauseImagePodsAreMadeWith() throws IOException {
            String ours = NODE.registry() + "/rancher/mirrored-pause:3.6";
            Path file = NODE.file("/etc/containerd/config.toml");
            String before = Files.readString(file);
            try (ContainerRuntime runtime = runtime()) {
                assertThat(info(runtime).pauseImage()).contains(ours);

                restart(file, before.replaceAll("sandbox_image.*", ""));
                assertThat(info(runtime).pauseImage().orElseThrow()).matches("registry\\.k8s\\.io/pause:3\\.[0-9.]+");

                if (info(runtime).version().matches("v?2\\..*")) {
                    restart(
                            file,
                            "version = 3\nroot = '" + NODE.directory() + "/containerd'\n"
                                    + "[plugins.'io.containerd.cri.v1.runtime']\n"
                                    + "restrict_oom_score_adj = true\ndisable_apparmor = true\n"
                                    + "[plugins.'io.containerd.cri.v1.images'.registry]\n"
                                    + "config_path = '/etc/containerd/certs.d'\n"
                                    + "[plugins.'io.containerd.cri.v1.images'.pinned_images]\nsandbox = '" + ours
                                    + "'\n");
                    assertThat(info(runtime).pauseImage()).contains(ours);
                }
            } finally {
                restart(file, before);
            }
        }

        /** containerd answers a moment before its CRI part does. */
        private static RuntimeInfo info(ContainerRuntime runtime) {
            return await().atMost(Duration.ofMinutes(1))
                    .ignoreException(RuntimeUnavailableException.class)
                    .until(runtime::info, info -> true);
        }

        private static void restart(Path file, String toml) throws IOException {
            Files.writeString(file, toml);
            NODE.stop("containerd");
            NODE.start("containerd");
        }

        @Override
        protected ContainerRuntime runtime() {
            return new CriRuntime(HTTP, NODE.containerdSocket(), new ProcessCommands());
        }
    }
}
