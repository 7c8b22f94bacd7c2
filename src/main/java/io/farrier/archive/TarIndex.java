package io.farrier.archive;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the files of a tar are. It takes what docker, containerd and skopeo write and nothing else: no absolute path, no
 * {@code ..}, no device, no second file of one name, no size that the archive does not have. The one link it knows is
 * that of {@code docker save} before Docker 25, which writes a layer once and links to it.
 */
final class TarIndex {
    /** rancher-images.tar has 20,000; ten times that is no image archive. */
    private static final int MAX_ENTRIES = 200_000;

    private static final int MAX_NAME = 255;
    private static final int MAX_EXTENDED_BYTES = 4096;

    /** Times that a header has no room for; a path or a size in there would be a second truth. */
    private static final Set<String> HARMLESS = Set.of("mtime", "atime", "ctime");

    private static final Pattern RECORD = Pattern.compile("\\d+ ([A-Za-z.]+)=[^\\n]*\\n");
    private static final Pattern SAVED_LAYER = Pattern.compile("[0-9a-f]{64}/layer\\.tar");
    private static final Pattern LINK_TO_LAYER = Pattern.compile("\\.\\./([0-9a-f]{64}/layer\\.tar)");

    private final FileChannel file;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final Map<String, String> links = new HashMap<>();

    /** @param offset of the first byte of content */
    record Entry(long offset, long size) {}

    private TarIndex(FileChannel file) {
        this.file = file;
    }

    static TarIndex read(FileChannel file) throws IOException {
        TarIndex index = new TarIndex(file);
        long at = 0;
        byte[] block = index.block(at);
        while (!TarHeader.isEmpty(block)) {
            at = index.take(TarHeader.parse(block), at + TarHeader.BLOCK);
            block = index.block(at);
        }
        index.checkNothingFollows(at);
        index.checkLinks();
        return index;
    }

    private byte[] block(long at) throws IOException {
        ByteBuffer block = ByteBuffer.allocate(TarHeader.BLOCK);
        while (block.hasRemaining()) {
            if (file.read(block, at + block.position()) < 0) {
                throw new Malformed("it is cut off at byte " + file.size());
            }
        }
        return block.array();
    }

    /** Returns where the next header is. */
    private long take(TarHeader header, long offset) throws IOException {
        if (offset + header.size() > file.size()) {
            throw new Malformed("it is cut off: '" + header.name() + "' ends beyond the end of the file");
        }
        switch (header.type()) {
            case TarHeader.FILE -> add(clean(header.name()), new Entry(offset, header.size()));
            case TarHeader.FOLDER -> clean(header.name());
            case TarHeader.EXTENDED -> checkExtended(offset, header.size());
            case TarHeader.SYMBOLIC_LINK -> addLink(clean(header.name()), header.link());
            default ->
                throw new Malformed(
                        "'" + header.name() + "' is neither a file nor a folder (type '" + header.type() + "')");
        }
        long blocks = (header.size() + TarHeader.BLOCK - 1) / TarHeader.BLOCK;
        return offset + blocks * TarHeader.BLOCK;
    }

    private static String clean(String name) throws Malformed {
        String clean = name.startsWith("./") ? name.substring(2) : name;
        clean = clean.endsWith("/") ? clean.substring(0, clean.length() - 1) : clean;
        if (clean.isEmpty() || clean.equals(".")) {
            return ".";
        }
        if (clean.startsWith("/") || clean.length() > MAX_NAME || clean.contains("\\")) {
            throw new Malformed("'" + name + "' is no path inside an archive");
        }
        for (String part : clean.split("/", -1)) {
            if (part.isEmpty() || part.equals(".") || part.equals("..")) {
                throw new Malformed("'" + name + "' leads out of the archive");
            }
        }
        return clean;
    }

    private void add(String name, Entry entry) throws Malformed {
        if (entries.size() + links.size() >= MAX_ENTRIES) {
            throw new Malformed("it has more than " + MAX_ENTRIES + " files");
        }
        if (entries.put(name, entry) != null || links.containsKey(name)) {
            throw new Malformed("it has two files named '" + name + "'");
        }
    }

    private void addLink(String name, String target) throws Malformed {
        Matcher layer = LINK_TO_LAYER.matcher(target);
        if (!SAVED_LAYER.matcher(name).matches() || !layer.matches()) {
            throw new Malformed("'" + name + "' is a link to '" + target + "'");
        }
        if (links.size() >= MAX_ENTRIES || entries.containsKey(name) || links.put(name, layer.group(1)) != null) {
            throw new Malformed("it has two files named '" + name + "'");
        }
    }

    private void checkLinks() throws Malformed {
        for (Map.Entry<String, String> link : links.entrySet()) {
            if (!entries.containsKey(link.getValue())) {
                throw new Malformed("'" + link.getKey() + "' is a link to a file that is not there");
            }
        }
    }

    private void checkExtended(long offset, long size) throws IOException {
        if (size > MAX_EXTENDED_BYTES) {
            throw new Malformed("an extended header in it has " + size + " bytes");
        }
        String text = new String(read(new Entry(offset, size), MAX_EXTENDED_BYTES), UTF_8);
        Matcher each = RECORD.matcher(text);
        int end = 0;
        while (each.lookingAt()) {
            if (!HARMLESS.contains(each.group(1))) {
                throw new Malformed("an extended header in it sets '" + each.group(1) + "'");
            }
            end = each.end();
            each.region(end, text.length());
        }
        if (end != text.length()) {
            throw new Malformed("an extended header in it cannot be read");
        }
    }

    /** Tar fills up with zeros; anything else there is for a reader that goes on where this one ends. */
    private void checkNothingFollows(long at) throws IOException {
        for (long next = at; next + TarHeader.BLOCK <= file.size(); next += TarHeader.BLOCK) {
            if (!TarHeader.isEmpty(block(next))) {
                throw new Malformed("something follows its end");
            }
        }
    }

    Optional<Entry> find(String name) {
        return Optional.ofNullable(entries.get(links.getOrDefault(name, name)));
    }

    Entry get(String name) throws Malformed {
        return find(name).orElseThrow(() -> new Malformed("it has no file '" + name + "' although it says so"));
    }

    byte[] read(Entry entry, int max) throws IOException {
        if (entry.size() > max) {
            throw new Malformed("a file in it has " + entry.size() + " bytes where at most " + max + " are accepted");
        }
        try (InputStream in = open(entry)) {
            return in.readAllBytes();
        }
    }

    InputStream open(Entry entry) {
        return new FileRegion(file, entry.offset(), entry.size());
    }
}
