package io.farrier.archive;

import static io.farrier.testing.TinyImage.header;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import io.farrier.image.Blob;
import io.farrier.image.Platform;
import io.farrier.image.Sha256;
import io.farrier.testing.TinyImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Archives as honest programs write them, and as somebody writes them who wants his code in every pod. */
final class ImageArchiveTest {
    private static final TinyImage APP = TinyImage.of("reg.example:5000/app:1", "base", "one");
    private static final TinyImage OTHER = TinyImage.of("docker.io/rancher/other:2", "base", "two");

    @TempDir
    Path folder;

    // ---- honest

    @Test
    void readsWhatItWrites() throws IOException {
        try (ImageArchive archive = open(ours(APP, OTHER))) {
            assertThat(archive.images()).containsExactly(APP.archived(), OTHER.archived());
            Blob layer = APP.manifest().layers().get(1);
            try (InputStream bytes = archive.open(layer)) {
                assertThat(bytes.readAllBytes()).isEqualTo(APP.blobs().get(layer.digest()));
            }
        }
    }

    @Test
    void writesTheSameBytesForTheSameImagesAndSharedLayersOnce() throws IOException {
        byte[] once = ours(APP, OTHER);

        assertThat(ours(APP, OTHER)).isEqualTo(once);
        String base = ArchiveLayout.path(APP.manifest().layers().get(0));
        assertThat(OTHER.manifest().layers()).contains(APP.manifest().layers().get(0));
        assertThat(occurrences(new String(once, java.nio.charset.StandardCharsets.ISO_8859_1), base + "\0"))
                .isEqualTo(1);
    }

    @Test
    void readsItCompressedAndLeavesNothingBehind() throws IOException {
        ByteArrayOutputStream gzip = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(gzip)) {
            out.write(ours(APP));
        }

        try (ImageArchive archive = open(gzip.toByteArray())) {
            assertThat(archive.images()).hasSize(1);
            try (Stream<Path> left = Files.list(folder)) {
                assertThat(left).containsExactly(folder.resolve("images.tar"));
            }
        }
    }

    @Test
    void readsWhatK3sAndRke2Publish() throws IOException {
        try (ImageArchive archive = open(Zstd.compress(ours(APP, OTHER)))) {
            assertThat(archive.images()).containsExactly(APP.archived(), OTHER.archived());
            try (Stream<Path> left = Files.list(folder)) {
                assertThat(left).containsExactly(folder.resolve("images.tar"));
            }
        }
    }

    @Test
    void readsWhatDockerSaveWroteBeforeDocker25LinksIncluded() throws IOException {
        try (ImageArchive archive = open(dockerSave(Map.of(), ""))) {
            assertThat(archive.images()).singleElement().satisfies(image -> {
                assertThat(image.names()).containsExactly(APP.name());
                assertThat(image.manifest().layers()).hasSize(3);
                assertThat(image.manifest().blobs())
                        .as("a layer that is there twice")
                        .hasSize(3);
            });
        }
    }

    // ---- torn and continued

    @Test
    void goesOnWithWhatAnInterruptedRunLeft() throws IOException {
        byte[] whole = ours(APP, OTHER);
        List<Long> asked = new ArrayList<>();
        ArchiveLayout layout = ArchiveLayout.of(List.of(APP.archived(), OTHER.archived()));
        Path target = folder.resolve("out.tar");
        for (int cut = 0; cut <= whole.length; cut += 509) {
            Files.write(folder.resolve("out.tar.partial"), Arrays.copyOf(whole, cut));
            new ArchiveWriter(
                            target,
                            layout,
                            (blob, offset) -> {
                                asked.add(offset);
                                return blob(blob, offset);
                            },
                            bytes -> {})
                    .write();
            assertThat(target).hasBinaryContent(whole);
        }
        assertThat(asked).as("some layers were continued in the middle").anyMatch(offset -> offset > 0);
    }

    @Test
    void whatAnotherListLeftIsReplaced() throws IOException {
        Files.write(folder.resolve("out.tar.partial"), ours(OTHER));

        write(folder.resolve("out.tar"), APP);

        assertThat(folder.resolve("out.tar")).hasBinaryContent(ours(APP));
    }

    @Test
    void aSourceThatSendsOtherBytesGivesNoArchive() {
        Path target = folder.resolve("out.tar");
        ArchiveLayout layout = ArchiveLayout.of(List.of(APP.archived()));

        assertThatThrownBy(() -> new ArchiveWriter(
                                target,
                                layout,
                                (blob, offset) -> new ByteArrayInputStream(new byte[(int) (blob.size() - offset)]),
                                bytes -> {})
                        .write())
                .hasMessageContaining("other bytes than its digest says");
        assertThat(target).doesNotExist();
    }

    private void write(Path target, TinyImage... images) throws IOException {
        new ArchiveWriter(
                        target,
                        ArchiveLayout.of(
                                Stream.of(images).map(TinyImage::archived).toList()),
                        this::blob,
                        bytes -> {})
                .write();
    }

    private InputStream blob(Blob blob, long offset) throws IOException {
        byte[] bytes = APP.blobs().getOrDefault(blob.digest(), OTHER.blobs().get(blob.digest()));
        InputStream in = new ByteArrayInputStream(bytes);
        in.skipNBytes(offset);
        return in;
    }

    // ---- hostile: nothing of them is imported

    static Stream<Arguments> hostile() throws IOException {
        Map<String, Arguments> all = new LinkedHashMap<>();
        byte[] good = ours(APP);
        byte[] file = header("evil", 4, '0', "");
        put(all, "cut in a header", Arrays.copyOf(good, 700), "cut off");
        put(all, "cut in a layer", Arrays.copyOf(good, good.length - 3000), "cut off");
        put(all, "cut before its end", Arrays.copyOf(good, good.length - 1024), "cut off");
        put(all, "empty", new byte[0], "cut off");
        put(all, "no tar", "this is no tar at all".repeat(100).getBytes(UTF_8), "header");
        put(all, "only zeros", new byte[10240], "no archive of images");
        put(all, "broken zstd", hex("28b52ffd00000000"), "compression is broken");
        put(all, "cut off zstd", Arrays.copyOf(Zstd.compress(good), 700), "compression is broken");
        put(all, "a bomb of zstd", Zstd.compress(new byte[200 << 20]), "times its size");
        put(all, "broken gzip", hex("1f8b0800000000000003abcdef"), "compression is broken");
        put(all, "a bomb", bomb(), "times its size");
        put(all, "a flipped bit in a header", flipped(good, 200), "checksum");
        put(all, "a flipped bit in a layer", flippedLayer(good), "other bytes");
        put(all, "a path that leads out", with(good, header("../../etc/cron.d/evil", 0, '0', "")), "leads out");
        put(all, "an absolute path", with(good, header("/etc/cron.d/evil", 0, '0', "")), "no path inside");
        put(all, "dots in the middle", with(good, header("blobs/../../x", 0, '0', "")), "leads out");
        put(all, "a symbolic link", with(good, header("evil", 0, '2', "/etc/shadow")), "is a link");
        put(
                all,
                "a link out of the archive",
                with(good, header("x/layer.tar", 0, '2', "../../layer.tar")),
                "is a link");
        put(all, "a hard link", with(good, header("evil", 0, '1', "index.json")), "neither a file");
        put(all, "a character device", with(good, header("evil", 0, '3', "")), "neither a file");
        put(all, "a block device", with(good, header("evil", 0, '4', "")), "neither a file");
        put(all, "a pipe", with(good, header("evil", 0, '6', "")), "neither a file");
        put(all, "a sparse file", with(good, header("evil", 0, 'S', "")), "neither a file");
        put(all, "a long name of GNU", with(good, header("././@LongLink", 0, 'L', "")), "neither a file");
        put(all, "a second index", with(good, header("index.json", 0, '0', "")), "two files named");
        put(all, "a second index under another spelling", with(good, header("./index.json", 0, '0', "")), "two files");
        put(all, "an extended header with a path", with(good, extended("18 path=/etc/cron\n")), "sets 'path'");
        put(all, "an extended header with a size", with(good, extended("16 size=1000000\n")), "sets 'size'");
        put(all, "a size beyond the file", with(good, header("evil", 1L << 32, '0', "")), "cut off");
        put(all, "a control character in a name", with(good, header("evil\n", 0, '0', "")), "characters");
        put(all, "something behind the end", join(good, file, "code".getBytes(UTF_8)), "follows its end");
        put(all, "an index that lies about a size", replaced("\"size\":", "\"size\":1"), "should have");
        put(all, "an index that leads nowhere", replaced("sha256:", "sha256:0"), "not the digest");
        put(
                all,
                "an image of another machine",
                ours(TinyImage.of("app:1", new Platform("linux", "s390x"), "x")),
                "s390x");
        put(all, "one name for two images", ours(APP, renamed(OTHER)), "two images named");
        put(
                all,
                "docker save with a wrong layer",
                dockerSave(Map.of("a".repeat(64) + "/layer.tar", "evil"), ""),
                "other bytes");
        put(all, "docker save with a wrong configuration", dockerSave(Map.of("config", "{}"), ""), "other bytes");
        put(all, "docker save with a layer too few", dockerSave(Map.of(), "fewer"), "layers");
        put(
                all,
                "docker save that names a path outside",
                dockerSave(Map.of(), "outside"),
                "no file '../../etc/passwd'");
        put(all, "JSON of a thousand levels", layout("[".repeat(1000) + "]".repeat(1000)), "not JSON");
        return all.values().stream();
    }

    private static void put(Map<String, Arguments> all, String name, byte[] bytes, String because) {
        all.put(name, Arguments.of(name, bytes, because));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void hostile(String name, byte[] bytes, String because) {
        assertThatThrownBy(() -> open(bytes))
                .isInstanceOf(RefusedArchiveException.class)
                .hasMessageContaining(because)
                .hasMessageEndingWith("Nothing of it was imported.");
    }

    /** What was cut may look whole to whoever reads only as far as he must. */
    @Test
    void cutOffAnywhereItIsRefusedHoweverItIsPacked() throws IOException {
        byte[] plain = ours(APP, OTHER);
        ByteArrayOutputStream gzip = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(gzip)) {
            out.write(plain);
        }
        for (byte[] whole : List.of(plain, gzip.toByteArray(), Zstd.compress(plain))) {
            // Two empty blocks end a tar; some programs write one, and it holds nothing.
            int last = whole == plain ? whole.length - 1024 : whole.length - 1;
            for (int cut = 0; cut < last; cut += Math.max(1, whole.length / 60)) {
                byte[] torn = Arrays.copyOf(whole, cut);
                assertThatThrownBy(() -> open(torn))
                        .as("%d of %d bytes", cut, whole.length)
                        .isInstanceOf(RefusedArchiveException.class);
            }
        }
    }

    @Test
    void thereAreThirtyOfThemAtLeast() throws IOException {
        assertThat(hostile().count()).isGreaterThanOrEqualTo(30);
    }

    // ---- how they are made

    private ImageArchive open(byte[] bytes) throws IOException {
        Path file = Files.write(folder.resolve("images.tar"), bytes);
        return ImageArchive.open(file, Platform.ofThisNode(), folder);
    }

    private static byte[] ours(TinyImage... images) throws IOException {
        Map<String, byte[]> blobs = new LinkedHashMap<>();
        Stream.of(images).forEach(image -> blobs.putAll(image.blobs()));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ArchiveLayout.of(Stream.of(images).map(TinyImage::archived).toList())
                .writeTo(out, (blob, offset) -> new ByteArrayInputStream(blobs.get(blob.digest())));
        return out.toByteArray();
    }

    private static TinyImage renamed(TinyImage image) {
        return TinyImage.of(APP.name().toString(), "base", "two", image.name().path());
    }

    /** Before the two empty blocks. */
    private static byte[] with(byte[] tar, byte[] more) {
        return join(Arrays.copyOf(tar, tar.length - 1024), more, new byte[1024]);
    }

    private static byte[] extended(String record) {
        byte[] bytes = record.getBytes(UTF_8);
        return join(header("PaxHeaders/x", bytes.length, 'x', ""), Arrays.copyOf(bytes, 512));
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        Stream.of(parts).forEach(all::writeBytes);
        return all.toByteArray();
    }

    private static byte[] flipped(byte[] bytes, int at) {
        byte[] other = bytes.clone();
        other[at] ^= 1;
        return other;
    }

    private static byte[] flippedLayer(byte[] tar) {
        String text = new String(tar, java.nio.charset.StandardCharsets.ISO_8859_1);
        String path = ArchiveLayout.path(APP.manifest().layers().get(0));
        return flipped(tar, text.indexOf(path + "\0") + 512 + 520);
    }

    /** The index of our own archive with a word changed, its length as it was. */
    private static byte[] replaced(String word, String by) throws IOException {
        Blob manifest = APP.manifest().asBlob();
        String index = "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"" + manifest.mediaType()
                + "\",\"digest\":\"" + manifest.digest() + "\",\"size\":" + manifest.size()
                + ",\"annotations\":{\"io.containerd.image.name\":\"" + APP.name() + "\"}}]}";
        return layout(index.replace(word, by));
    }

    private static byte[] layout(String index) {
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        add(tar, "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(UTF_8));
        add(tar, "index.json", index.getBytes(UTF_8));
        APP.blobs().forEach((digest, bytes) -> add(tar, "blobs/sha256/" + digest.substring(7), bytes));
        tar.writeBytes(new byte[1024]);
        return tar.toByteArray();
    }

    /** As {@code docker save} of 20.10: layers in folders of their own, one that is there already as a link. */
    private static byte[] dockerSave(Map<String, String> instead, String trick) {
        byte[] base = APP.blobs().get(APP.manifest().layers().get(0).digest());
        byte[] one = APP.blobs().get(APP.manifest().layers().get(1).digest());
        byte[] config = thirdLayerIsTheFirst(base);
        String name = Sha256.of(config).substring(7) + ".json";
        String first = "a".repeat(64) + "/layer.tar";
        String second = "b".repeat(64) + "/layer.tar";
        String third = "c".repeat(64) + "/layer.tar";
        List<String> layers = switch (trick) {
            case "fewer" -> List.of(first, second);
            case "outside" -> List.of("../../etc/passwd", second, third);
            default -> List.of(first, second, third);
        };
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        add(tar, name, instead.containsKey("config") ? instead.get("config").getBytes(UTF_8) : config);
        add(tar, first, instead.containsKey(first) ? instead.get(first).getBytes(UTF_8) : base);
        add(tar, second, one);
        tar.writeBytes(header(third, 0, '2', "../" + first));
        add(tar, "manifest.json", manifestJson(name, "\"" + String.join("\",\"", layers) + "\"", APP));
        tar.writeBytes(new byte[1024]);
        return tar.toByteArray();
    }

    private static byte[] thirdLayerIsTheFirst(byte[] base) {
        Blob config = APP.manifest().config().orElseThrow();
        return new String(APP.blobs().get(config.digest()), UTF_8)
                .replace("]}}", ", \"" + Sha256.of(base) + "\"]}}")
                .getBytes(UTF_8);
    }

    private static byte[] manifestJson(String config, String layers, TinyImage image) {
        return ("[{\"Config\":\"" + config + "\",\"RepoTags\":[\"" + image.name() + "\"],\"Layers\":[" + layers + "]}]")
                .getBytes(UTF_8);
    }

    private static void add(ByteArrayOutputStream tar, String name, byte[] bytes) {
        tar.writeBytes(header(name, bytes.length, '0', ""));
        tar.writeBytes(bytes);
        tar.writeBytes(new byte[(512 - bytes.length % 512) % 512]);
    }

    private static byte[] bomb() throws IOException {
        ByteArrayOutputStream gzip = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(gzip)) {
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 200; i++) {
                out.write(zeros);
            }
        }
        return gzip.toByteArray();
    }

    private static byte[] hex(String hex) {
        return java.util.HexFormat.of().parseHex(hex);
    }

    private static int occurrences(String text, String word) {
        return (text.length() - text.replace(word, "").length()) / word.length();
    }
}
