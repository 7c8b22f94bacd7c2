package io.farrier.runtime.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farrier.image.ManifestDigest;
import io.farrier.image.Reference;
import io.farrier.runtime.ContainerRuntime;
import io.farrier.runtime.PullListener;
import io.farrier.runtime.PullRequest;
import io.farrier.runtime.RuntimeUnavailableException;
import io.farrier.testing.ContainerRuntimeContract;
import io.farrier.testing.PracticeNode;
import io.farrier.transport.Http;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The contract, and what only CRI does, against a real containerd. */
final class CriRuntimeIT extends ContainerRuntimeContract {
    @RegisterExtension
    static final PracticeNode NODE = PracticeNode.named("cri-runtime").runtime("containerd");

    private static final Vertx VERTX = Vertx.vertx();
    private static final Http HTTP = new Http(VERTX);
    private static CriRuntime runtime;

    @BeforeAll
    static void trustTheRegistry() throws IOException {
        Path folder = NODE.file("/etc/containerd/certs.d").resolve(NODE.registry());
        Files.createDirectories(folder);
        Files.copy(NODE.registryCa(), folder.resolve("ca.crt"));
        // The CA at the top, too: a missing tag would otherwise read as an untrusted registry.
        Files.writeString(
                folder.resolve("hosts.toml"),
                "server = \"https://" + NODE.registry() + "\"\nca = \"/etc/containerd/certs.d/" + NODE.registry()
                        + "/ca.crt\"\n");
        runtime = new CriRuntime(HTTP, NODE.containerdSocket());
    }

    @AfterAll
    static void close() {
        runtime.close();
        HTTP.close();
        VERTX.close();
    }

    @Override
    protected ContainerRuntime runtime() {
        return runtime;
    }

    @Override
    protected Reference servedImage(String tag) {
        NODE.seed("contract/" + tag + ":1");
        return Reference.parse(NODE.registry() + "/contract/" + tag + ":1");
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
        return Reference.parse(NODE.registry() + "/contract/missing:1");
    }

    @Test
    void saysItsVersionAndWhereItsDataIs() throws IOException {
        assertThat(runtime.info().name()).isEqualTo("containerd");
        assertThat(runtime.info().apiVersion()).isEqualTo("v1");
        assertThat(runtime.info().dataRoot())
                .hasValueSatisfying(root -> assertThat(root).endsWith("/containerd"));
    }

    @Test
    void saysInTheRuntimesWordsThatARegistryIsNotTrusted() {
        Reference untrusted = Reference.parse(NODE.authRegistry() + "/app:1");

        assertThatThrownBy(() -> runtime.pull(new PullRequest(untrusted, Optional.empty()), PullListener.SILENT))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("x509: certificate signed by unknown authority");
    }

    @Test
    void saysThatItCannotTag() throws IOException {
        Reference reference = servedImage("tagging");
        var image = runtime.pull(new PullRequest(reference, Optional.empty()), PullListener.SILENT);

        assertThatThrownBy(() -> runtime.tag(image.id(), Reference.parse("other:1")))
                .hasMessageContaining("CRI has no call for it");
    }

    @Test
    void comesBackByItself() throws IOException {
        NODE.stop("containerd");
        assertThatThrownBy(runtime::images)
                .isInstanceOf(RuntimeUnavailableException.class)
                .hasMessageContaining(NODE.containerdSocket().toString());

        NODE.start("containerd");

        assertThat(runtime.info().version()).isNotEmpty();
    }
}
