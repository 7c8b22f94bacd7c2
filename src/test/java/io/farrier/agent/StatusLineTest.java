package io.farrier.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

final class StatusLineTest {
    @Test
    void saysWhatRulesWhatRunsAndTheWorstThatWasFound() throws JsonProcessingException {
        assertThat(line("""
                {"mode": "keep", "runtime": {"name": "docker", "version": "20.10.24", "reachable": true},
                 "collector": {"connected": true},
                 "findings": [{"severity": "warning", "title": "The disk is nearly full"},
                              {"severity": "error", "title": "reg:5000 is not trusted"}]}
                """))
                .isEqualTo("mode keep; docker 20.10.24; 2 findings, the worst: reg:5000 is not trusted;"
                        + " collector connected");
    }

    @Test
    void isALineAlsoAtTheFirstMoment() throws JsonProcessingException {
        assertThat(line("{\"mode\": \"observe\", \"collector\": {\"connected\": false}, \"findings\": []}"))
                .isEqualTo("mode observe; no container runtime seen yet; nothing found; no collector connected");
    }

    @Test
    void aPauseComesBeforeTheModeAndForeignWordsForgeNoLine() throws JsonProcessingException {
        assertThat(line("""
                {"mode": "keep", "paused": "by alice", "collector": {"connected": false},
                 "runtime": {"name": "docker", "version": "1\\nREADY=1", "reachable": false}, "findings": []}
                """))
                .startsWith("paused; docker 1\\u000aREADY=1 does not answer;")
                .doesNotContain("\n");
    }

    private static String line(String status) throws JsonProcessingException {
        return StatusLine.of(new ObjectMapper().readTree(status));
    }
}
