package io.farrier.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.farrier.runtime.PullListener.PullProgress;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class PullMeterTest {
    private final PullMeter meter = new PullMeter();

    @Test
    void addsUpTheLayers() throws IOException {
        accept("{'status':'Pulling from app','id':'1.0'}");
        accept("{'status':'Pulling fs layer','progressDetail':{},'id':'aa'}");
        accept("{'status':'Downloading','progressDetail':{'current':10,'total':100},'id':'aa'}");

        assertThat(accept("{'status':'Downloading','progressDetail':{'current':5,'total':50},'id':'bb'}"))
                .contains(new PullProgress(15, 150, "Downloading"));
        assertThat(accept("{'status':'Download complete','progressDetail':{},'id':'aa'}"))
                .contains(new PullProgress(105, 150, "Download complete"));
    }

    @Test
    void countsALayerThatWasTooSmallToBeSeenDownloading() throws IOException {
        assertThat(accept("{'status':'Extracting','progressDetail':{'current':1,'total':30},'id':'aa'}"))
                .contains(new PullProgress(30, 30, "Extracting"));
    }

    @Test
    void doesNotCountUnpackingAsDownloadingAgain() throws IOException {
        accept("{'status':'Downloading','progressDetail':{'current':100,'total':100},'id':'aa'}");

        assertThat(accept("{'status':'Extracting','progressDetail':{'current':1,'total':100},'id':'aa'}"))
                .contains(new PullProgress(100, 100, "Extracting"));
    }

    @Test
    void throwsTheDaemonsWordsOfAnErrorLine() {
        // As dockerd 20.10 ended a stream of status 200 when the registry had lost a layer.
        assertThatThrownBy(() -> accept("{'errorDetail':{'message':'unknown blob'},'error':'unknown blob'}"))
                .isInstanceOf(IOException.class)
                .hasMessage("unknown blob");
    }

    @Test
    void knowsThatItOnlyWaitsForItsTurn() throws IOException {
        accept("{'status':'Already exists','progressDetail':{},'id':'aa'}");
        accept("{'status':'Waiting','progressDetail':{},'id':'bb'}");

        assertThat(meter.isQueued()).isTrue();

        accept("{'status':'Downloading','progressDetail':{'current':1,'total':100},'id':'bb'}");

        assertThat(meter.isQueued()).isFalse();
    }

    /** dockerd says no more of a layer whose checksum was wrong, and begins anew with a manifest that may never come. */
    @Test
    void waitsForBytesAfterAWrongChecksum() throws IOException {
        accept("{'status':'Downloading','progressDetail':{'current':100,'total':100},'id':'aa'}");
        accept("{'status':'Verifying Checksum','progressDetail':{},'id':'aa'}");

        assertThat(meter.isWaitingForBytes()).isTrue();

        accept("{'status':'Extracting','progressDetail':{'current':1,'total':100},'id':'bb'}");

        assertThat(meter.isWaitingForBytes()).isFalse();
    }

    @Test
    void saysNothingOfLinesThatAreNoLayers() throws IOException {
        assertThat(accept("{'status':'Digest: sha256:2795'}")).isEmpty();
        assertThat(accept("{'status':'Status: Downloaded newer image for app:1.0'}"))
                .isEmpty();
    }

    private Optional<PullProgress> accept(String line) throws IOException {
        return meter.accept(new ObjectMapper().readTree(line.replace('\'', '"')));
    }
}
