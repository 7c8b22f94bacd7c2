package io.farrier.check;

import io.farrier.finding.Finding;
import io.farrier.sample.ImageStatus;
import io.farrier.sample.ImageStatus.State;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Are the wanted images on this node? */
public final class ImagesCheck implements Check {
    /** A fresh node lacks hundreds; the page and the feed need no line for each. */
    static final int MAX_NAMED = 20;

    private final WantedImages images;

    public ImagesCheck(WantedImages images) {
        this.images = images;
    }

    /** Where every wanted image stands; asked of the runtime. */
    @FunctionalInterface
    public interface WantedImages {
        List<ImageStatus> look() throws IOException;
    }

    @Override
    public String name() {
        return "the wanted images";
    }

    @Override
    public List<Finding> run(Instant now) throws IOException {
        List<ImageStatus> all = images.look();
        List<ImageStatus> missing = all.stream().filter(ImagesCheck::isMissing).toList();
        List<Finding> findings = new ArrayList<>();
        missing.stream().limit(MAX_NAMED).forEach(image -> findings.add(Catalogue.imageMissing(image, now)));
        if (missing.size() > MAX_NAMED) {
            findings.add(Catalogue.moreImagesMissing(missing.size() - MAX_NAMED, now));
        }
        int unknown = (int)
                all.stream().filter(image -> image.state() == State.UNKNOWN).count();
        if (unknown > 0) {
            findings.add(Catalogue.imagesUnknown(unknown, now));
        }
        return findings;
    }

    /** One that is just being pulled is on its way, and no finding. */
    private static boolean isMissing(ImageStatus image) {
        return image.state() == State.MISSING || image.state() == State.FAILED;
    }
}
