package io.farrier.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.farrier.image.ImageManifest;
import io.farrier.image.Sha256;

/** What registries serve under a tag besides images that this node could run. */
public final class OddManifests {
    public static final String SCHEMA_1_TYPE = "application/vnd.docker.distribution.manifest.v1+prettyjws";
    public static final String CHART_CONFIG = "application/vnd.cncf.helm.config.v1+json";

    private OddManifests() {}

    /** As {@code helm push} stores a chart. */
    public static byte[] chart() {
        String config = "{\"name\":\"cis\"}";
        return ("{\"schemaVersion\":2,\"mediaType\":\"" + ImageManifest.OCI_IMAGE + "\",\"config\":{\"mediaType\":\""
                        + CHART_CONFIG + "\",\"digest\":\"" + Sha256.of(config.getBytes(UTF_8)) + "\",\"size\":"
                        + config.length()
                        + "},\"layers\":[{\"mediaType\":\"application/vnd.cncf.helm.chart.content.v1.tar+gzip\",\"digest\":\""
                        + Sha256.of(new byte[1]) + "\",\"size\":1}]}")
                .getBytes(UTF_8);
    }

    /** Docker's first form, as registries before 2016 hold it. */
    public static byte[] schema1(String repository) {
        return ("{\"schemaVersion\":1,\"name\":\"" + repository + "\",\"tag\":\"1\",\"architecture\":\"amd64\","
                        + "\"fsLayers\":[{\"blobSum\":\"" + Sha256.of(new byte[1])
                        + "\"}],\"history\":[{\"v1Compatibility\":\"{}\"}],\"signatures\":[]}")
                .getBytes(UTF_8);
    }

    /** An index that leads to one image, of another platform than any node's. */
    public static byte[] indexOfAnotherPlatform(ImageManifest image) {
        return ("{\"schemaVersion\":2,\"mediaType\":\"" + ImageManifest.OCI_INDEX
                        + "\",\"manifests\":[{\"mediaType\":\""
                        + image.mediaType() + "\",\"digest\":\"" + image.digest() + "\",\"size\":"
                        + image.bytes().length + ",\"platform\":{\"os\":\"plan9\",\"architecture\":\"mips\"}}]}")
                .getBytes(UTF_8);
    }
}
