package io.farrier.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ApiVersionTest {
    @ParameterizedTest
    @CsvSource({"1.41, 1.41", "1.47, 1.47", "1.51, 1.51", "1.52, 1.52", "1.54, 1.52"})
    void takesTheNewestThatBothSpeak(String offered, String agreed) throws IOException {
        assertThat(ApiVersion.agree(Optional.of(offered))).hasToString(agreed);
    }

    @Test
    void saysWhichDockerIsTooOld() {
        assertThatThrownBy(() -> ApiVersion.agree(Optional.of("1.40")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("API 1.40")
                .hasMessageContaining("Docker 20.10");
    }

    @Test
    void saysThatItIsNotTalkingToDockerd() {
        assertThatThrownBy(() -> ApiVersion.agree(Optional.empty())).hasMessageContaining("is it dockerd?");
        assertThatThrownBy(() -> ApiVersion.agree(Optional.of("banana"))).hasMessageContaining("'banana'");
    }
}
