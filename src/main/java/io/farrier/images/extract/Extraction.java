package io.farrier.images.extract;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.farrier.archive.SmallArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Takes files as people have them: manifests, charts as folder or archive, cluster.yml of RKE. */
public final class Extraction {
    private static final int MAX_FILE_BYTES = 64 << 20;
    private static final int MAX_FILES = 50_000;
    private static final int MAX_DEPTH = 5; // charts within charts

    private final Extracted extracted = new Extracted();

    public Extracted result() {
        return extracted;
    }

    /** @throws IOException when it cannot be read at all; what is odd inside is listed instead */
    public void take(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            takeFolder(path);
            return;
        }
        if (Files.size(path) > MAX_FILE_BYTES) {
            throw new IOException(path + " is larger than the " + MAX_FILE_BYTES + " bytes that are accepted.");
        }
        byte[] bytes = Files.readAllBytes(path);
        if (isGzip(bytes)) {
            takeArchive(path.toString(), bytes, 0);
        } else {
            new YamlImages(extracted).take(path.toString(), text(bytes));
        }
    }

    private static boolean isGzip(byte[] bytes) {
        return bytes.length > 2 && (bytes[0] & 0xff) == 0x1f && (bytes[1] & 0xff) == 0x8b;
    }

    private static String text(byte[] bytes) {
        String text = new String(bytes, UTF_8);
        return text.startsWith("\ufeff") ? text.substring(1) : text;
    }

    private void takeFolder(Path folder) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(folder)) {
            List<Path> found = all.filter(Files::isRegularFile)
                    .sorted(Comparator.naturalOrder())
                    .limit(MAX_FILES)
                    .toList();
            for (Path file : found) {
                if (isOfInterest(file.toString()) && Files.size(file) <= MAX_FILE_BYTES) {
                    files.put(folder.relativize(file).toString(), Files.readAllBytes(file));
                }
            }
        }
        takeFiles(folder + "/", files, 0);
    }

    private void takeArchive(String name, byte[] bytes, int depth) throws IOException {
        try {
            takeFiles(name + ":", SmallArchive.read(bytes), depth);
        } catch (IOException broken) {
            throw new IOException("Tried to read " + name + " but " + broken.getMessage() + ".", broken);
        }
    }

    private static boolean isOfInterest(String name) {
        return name.endsWith(".yaml") || name.endsWith(".yml") || name.endsWith(".tgz") || name.endsWith(".tpl");
    }

    private void takeFiles(String prefix, Map<String, byte[]> files, int depth) throws IOException {
        Map<String, Chart> charts = Chart.in(files);
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            String name = file.getKey();
            if (!isOfInterest(name)) {
                continue;
            }
            if (name.endsWith(".tgz")) {
                if (depth < MAX_DEPTH) {
                    takeArchive(prefix + name, file.getValue(), depth + 1);
                }
                continue;
            }
            takeFile(prefix + name, text(file.getValue()), Chart.of(name, charts), name);
        }
    }

    private void takeFile(String where, String text, @org.jspecify.annotations.Nullable Chart chart, String name) {
        if (chart == null) {
            new YamlImages(extracted).take(where, text);
        } else if (name.contains("/templates/") || name.startsWith("templates/")) {
            chart.takeTemplate(where, text, extracted);
        } else if (name.endsWith("values.yaml")) {
            chart.takeValues(where, text, extracted);
        } else if (name.contains("/crds/")) {
            new YamlImages(extracted).take(where, text);
        }
    }
}
