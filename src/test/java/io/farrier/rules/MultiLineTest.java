package io.farrier.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MultiLineTest {
    private static final String JAVA = """
            java.lang.IllegalStateException: no leader
            \tat io.example.Raft.elect(Raft.java:12)
            \tat java.base/java.lang.Thread.run(Thread.java:840)
            Caused by: java.io.IOException: broken pipe
            \tat io.example.Wire.write(Wire.java:3)
            \t... 2 common frames omitted
            \tSuppressed: java.io.IOException: closed
            \t\tat io.example.Wire.close(Wire.java:9)""";

    private static final String GO = """
            panic: runtime error: invalid memory address or nil pointer dereference
            [signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x4a1b2c]

            goroutine 7 [running]:
            main.(*server).handle(0xc0000b2000, {0x5, 0x6})
            \t/src/main.go:42 +0x1d
            created by main.main in goroutine 1
            \t/src/main.go:12 +0x55
            exit status 2""";

    private static final String PYTHON = """
            Traceback (most recent call last):
              File "/app/db.py", line 3, in connect
                raise OSError("refused")
            OSError: refused

            During handling of the above exception, another exception occurred:

            Traceback (most recent call last):
              File "/app/main.py", line 9, in <module>
                connect()
            app.errors.StartError: no database""";

    @Test
    void aTraceIsOneRecordBetweenOtherLines() {
        for (List<String> one : List.of(List.of("java", JAVA), List.of("go", GO), List.of("python", PYTHON))) {
            String trace = one.get(1);
            assertThat(records(MultiLine.builtIn(one.get(0)), "before\n" + trace + "\nafter\nlast"))
                    .as(one.get(0))
                    .containsExactly("before", trace, "after", "last");
        }
    }

    @Test
    void theTracesOfAllLanguagesDoNotGetInEachOthersWay() {
        String all = String.join("\n", "before", JAVA, "between", GO, "I1120 ok", PYTHON, JAVA, "after");

        assertThat(records(MultiLine.builtIn(MultiLine.TRACES), all))
                .containsExactly("before", JAVA, "between", GO, "I1120 ok", PYTHON, JAVA, "after");
    }

    @Test
    void everyLineOfAnotherPanicBelongsToThatOne() {
        assertThat(records(MultiLine.builtIn("go"), GO + "\n" + GO)).containsExactly(GO, GO);
    }

    @Test
    void onesOwnPatternSaysHowARecordBeginsOrGoesOn() {
        assertThat(records(
                        MultiLine.beginningWith("^[0-9]{4}-[0-9]{2}-[0-9]{2}"), "2026-11-20 a\nb\n\nc\n2026-11-21 d"))
                .containsExactly("2026-11-20 a\nb\n\nc", "2026-11-21 d");
        assertThat(records(MultiLine.goingOnWith("^[ \\t]"), "a\n b\n\tc\nd")).containsExactly("a\n b\n\tc", "d");
        assertThat(records(MultiLine.goingOnWith("\\\\$"), "a \\\nb \\\nc")).containsExactly("a \\\nb \\", "c");
    }

    @Test
    void aHostileLineCostsNoMoreThanItsBeginning() {
        MultiLine.Follower follower = MultiLine.beginningWith("^(a+)+$").follow();
        String line = "a".repeat(1 << 20) + "b";

        for (int i = 0; i < 1_000; i++) {
            assertThat(follower.goesOn(line)).isTrue();
        }
    }

    @Test
    void anExpressionThatIsWrongOrTooLongIsRefused() {
        assertThatThrownBy(() -> MultiLine.beginningWith("(?=x)")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> MultiLine.beginningWith("(?:(?:a{30}){30}){30}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("too long");
    }

    private static List<String> records(MultiLine pattern, String text) {
        MultiLine.Follower follower = pattern.follow();
        List<String> records = new ArrayList<>();
        for (String line : text.split("\n", -1)) {
            if (follower.goesOn(line) && !records.isEmpty()) {
                records.set(records.size() - 1, records.get(records.size() - 1) + "\n" + line);
            } else {
                records.add(line);
            }
        }
        return records;
    }
}
