package io.farrier.config;

import io.farrier.image.Reference;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.PatternSyntaxException;

/**
 * Image lists by file name or glob ({@code images.d/*.txt}; wildcards in the last part only), below the folder of the
 * configuration: neither absolute nor with {@code ..}.
 */
final class ListFiles implements Type<ListFiles.Found> {
    private static final String PATTERN = "^(?!/)(?!(.*/)?\\.\\.(/|$))[^\\u0000]+$";

    /** @param files as the node sees them, in name order */
    record Found(List<Path> files, List<Reference> references) {}

    @Override
    public Optional<Found> read(Yaml value, Place place) {
        if (!(value instanceof Yaml.Scalar scalar)
                || scalar.isNull()
                || !scalar.text().matches(PATTERN)) {
            place.problem(
                    value.origin(),
                    "must be a file or glob below the configuration's folder, such as images.d/*.txt, without '..'");
            return Optional.empty();
        }
        try {
            return Optional.of(read(scalar, place));
        } catch (PatternSyntaxException notAGlob) {
            place.problem(scalar.origin(), "is not a glob: " + notAGlob.getDescription());
        } catch (UntrustedPathException untrusted) {
            place.problem(scalar.origin(), "is refused: " + untrusted.getMessage());
        } catch (IOException unreadable) {
            place.problem(scalar.origin(), "names a file that cannot be read: " + unreadable.getMessage());
        }
        return Optional.empty();
    }

    @Override
    public Map<String, Object> schema() {
        return ScalarType.schema("type", "string", "pattern", PATTERN);
    }

    private static Found read(Yaml.Scalar glob, Place place) throws IOException {
        List<Path> files = new ArrayList<>();
        List<Reference> references = new ArrayList<>();
        for (Path file : matches(glob.text(), place.reading())) {
            ImageList list =
                    ImageList.parse(place.reading().shown(file), place.reading().read(file, ImageList.MAX_BYTES));
            place.reading().problems().addAll(list.problems());
            files.add(file);
            references.addAll(list.references());
        }
        if (files.isEmpty()) {
            place.warning(glob.origin(), "matches no file: " + glob.text());
        }
        place.effective(glob.text() + " (" + files.size() + " file(s))", glob.origin());
        return new Found(files, references);
    }

    private static List<Path> matches(String glob, Reading reading) throws IOException {
        Path pattern = reading.resolve(glob);
        Path folder = pattern.resolveSibling("");
        PathMatcher matcher =
                FileSystems.getDefault().getPathMatcher("glob:" + glob.substring(glob.lastIndexOf('/') + 1));
        List<Path> matches = new ArrayList<>();
        for (String name : reading.list(folder)) {
            if (!name.startsWith(".") && matcher.matches(Path.of(name))) {
                matches.add(folder.resolve(name));
            }
        }
        return matches;
    }
}
