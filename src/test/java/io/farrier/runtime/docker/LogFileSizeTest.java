package io.farrier.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.LogConfig;
import io.farrier.sample.ContainerSample;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LogFileSizeTest {
    @ParameterizedTest
    @CsvSource({
        "10m,10000000",
        "10M,10000000",
        "1g,1000000000",
        "100k,100000",
        "1.5kB,1500",
        "2 MiB,2000000",
        "512,512",
        "-1," + ContainerSample.UNBOUNDED,
        "ten,0",
        "'',0"
    })
    void isReadAsDockerdReadsIt(String size, long bytes) {
        assertThat(LogFileSize.bytes(size)).isEqualTo(bytes);
    }

    @Test
    void withoutTheOptionNoFileIsFull() {
        LogConfig log = new LogConfig(LogConfig.LoggingType.JSON_FILE, Map.of());

        assertThat(LogFileSize.of(new HostConfig().withLogConfig(log))).isEqualTo(ContainerSample.UNBOUNDED);
        assertThat(LogFileSize.of(null)).as("nobody told").isZero();
    }
}
