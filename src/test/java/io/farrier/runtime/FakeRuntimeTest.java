package io.farrier.runtime;

import io.farrier.image.ManifestDigest;
import io.farrier.image.Reference;
import io.farrier.testing.ContainerRuntimeContract;
import io.farrier.testing.FakeRuntime;
import java.util.Optional;

final class FakeRuntimeTest extends ContainerRuntimeContract {
    private final FakeRuntime runtime = new FakeRuntime();

    @Override
    protected ContainerRuntime runtime() {
        return runtime;
    }

    @Override
    protected Reference servedImage(String tag) {
        Reference reference = Reference.parse("registry.example:5000/app:" + tag);
        runtime.serves(reference);
        return reference;
    }

    @Override
    protected Reference byDigest(Reference served) {
        Reference digest = new Reference(
                served.registry(),
                served.path(),
                Optional.empty(),
                Optional.of(new ManifestDigest("sha256:" + "ab".repeat(32))));
        runtime.serves(digest).serves(served.at(digest.digest().orElseThrow()));
        return digest;
    }

    @Override
    protected Reference missingImage() {
        return Reference.parse("registry.example:5000/app:missing");
    }
}
