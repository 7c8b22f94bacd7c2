package io.farrier.collector.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farrier.collector.identity.NodeName;
import io.farrier.config.CollectorConfig.JoinPattern;
import io.farrier.config.CollectorConfig.Lines;
import io.farrier.config.CollectorConfig.Retention;
import io.farrier.feed.ByteRange;
import io.farrier.feed.Frame.Form;
import io.farrier.feed.Frame.LogBatch;
import io.farrier.feed.Frame.Lost;
import io.farrier.feed.Frame.SourceOpened;
import io.farrier.feed.SourceId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every line store does; {@link #openStore} says which. */
abstract class LineStoreContract {
    static final NodeName NODE = new NodeName("worker-1");
    static final SourceId SOURCE = new SourceId("s1");
    static final Instant NOW = Instant.parse("2026-11-20T10:00:00Z");

    @TempDir
    Path folder;

    LineStore store;

    abstract LineStore openStore(Path where) throws Exception;

    @BeforeEach
    void open() throws Exception {
        store = openStore(folder.resolve("lines"));
        announce(SOURCE, Form.PLAIN, "etcd");
    }

    @AfterEach
    void close() throws Exception {
        store.close();
    }

    @Test
    void linesComeBackInTheOrderTheyWereStoredWithTheirOffsets() throws Exception {
        append(SOURCE, 100, "one\ntwo\nthree\n");

        assertThat(search(LineQuery.newest(10)))
                .extracting(StoredLine::offset, line -> line.line().text())
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(100L, "one"),
                        org.assertj.core.groups.Tuple.tuple(104L, "two"),
                        org.assertj.core.groups.Tuple.tuple(108L, "three"));
    }

    @Test
    void theLastLineOfAClosedFileMayHaveNoLineFeed() throws Exception {
        append(SOURCE, 0, "one\ntwo");

        assertThat(texts(LineQuery.newest(10))).containsExactly("one", "two");
    }

    @Test
    void aBatchThatIsThereAlreadyIsNotStoredAgain() throws Exception {
        assertThat(append(SOURCE, 0, "one\ntwo\n")).containsExactly(new ByteRange(0, 8));
        assertThat(append(SOURCE, 0, "one\ntwo\n")).isEmpty();

        assertThat(texts(LineQuery.newest(10))).containsExactly("one", "two");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void everyLineIsStoredOnceHoweverTheBatchesWereCut(long seed) throws Exception {
        Random random = new Random(seed);
        List<String> lines = IntStream.range(0, 300)
                .mapToObj(n -> "line " + n + "x".repeat(random.nextInt(40)) + "\n")
                .toList();
        String file = String.join("", lines);
        int[] starts = starts(lines);
        for (int i = 0; i < 60; i++) {
            int from = random.nextInt(lines.size());
            int to = from + 1 + random.nextInt(lines.size() - from);
            append(SOURCE, starts[from], file.substring(starts[from], starts[to]));
            if (random.nextInt(10) == 0) {
                store.close();
                store = openStore(folder.resolve("lines"));
            }
        }
        append(SOURCE, 0, file);

        assertThat(texts(LineQuery.newest(5000)).stream().sorted().toList())
                .isEqualTo(lines.stream().map(String::strip).sorted().toList());
        assertThat(store.ranges(NODE, SOURCE).toList()).containsExactly(new ByteRange(0, file.length()));
    }

    @Test
    void rangesSurviveAndGapsStayGaps() throws Exception {
        append(SOURCE, 0, "one\n");
        append(SOURCE, 100, "two\n");
        store.close();
        store = openStore(folder.resolve("lines"));

        assertThat(store.ranges(NODE, SOURCE).toList()).containsExactly(new ByteRange(0, 4), new ByteRange(100, 104));
    }

    @Test
    void aSourceThatCannotCountIsRefusedAndItsNeighboursAreNot() throws Exception {
        for (long i = 0; i < Source.MAX_RANGES; i++) {
            appendLater(SOURCE, 10 * i, "a\n");
        }
        CompletableFuture<List<ByteRange>> tooMany = appendLater(SOURCE, 10L * Source.MAX_RANGES, "a\n");
        announce(new SourceId("s2"), Form.PLAIN, "kubelet");
        CompletableFuture<List<ByteRange>> neighbour = appendLater(new SourceId("s2"), 0, "fine\n");

        assertThat(neighbour.get(30, TimeUnit.SECONDS)).hasSize(1);
        assertThatThrownBy(() -> tooMany.get(30, TimeUnit.SECONDS)).hasMessageContaining("more than 1000 gaps");
        assertThat(store.ranges(NODE, SOURCE).toList()).hasSize(Source.MAX_RANGES);
    }

    @Test
    void nodesDoNotShareTheirSources() throws Exception {
        NodeName other = new NodeName("worker-2");
        store.open(other, new SourceOpened(SOURCE, Form.PLAIN, "etcd", Map.of()), NOW)
                .get();
        append(SOURCE, 0, "mine\n");
        store.append(other, batch(SOURCE, 0, "hers\n"), NOW).get();

        assertThat(texts(LineQuery.newest(10).of(NODE))).containsExactly("mine");
        assertThat(texts(LineQuery.newest(10).of(other))).containsExactly("hers");
    }

    @Test
    void findsTheNewestOfAContainerOverAllItsFiles() throws Exception {
        announce(new SourceId("rotated"), Form.PLAIN, "etcd");
        announce(new SourceId("other"), Form.PLAIN, "kubelet");
        append(SOURCE, 0, "e1\ne2\n");
        append(new SourceId("other"), 0, "k1\n");
        append(new SourceId("rotated"), 0, "e3\ne4\n");
        append(SOURCE, 6, "e5\n");

        assertThat(texts(LineQuery.newest(3).inContainer("etcd"))).containsExactly("e3", "e4", "e5");
        List<StoredLine> page = search(LineQuery.newest(2).inContainer("etcd"));
        assertThat(texts(LineQuery.newest(2)
                        .inContainer("etcd")
                        .before(page.get(0).id())))
                .containsExactly("e2", "e3");
    }

    @Test
    void searchesWhatIsShownAlsoWhereItIsStoredEscaped() throws Exception {
        announce(new SourceId("d"), Form.DOCKER, "api");
        append(
                new SourceId("d"),
                0,
                "{\"log\":\"say \\\"hi\\\" \\u003c ünï\\n\",\"stream\":\"stdout\",\"time\":\"t\"}\n"
                        + "{\"log\":\"else\\n\",\"stream\":\"stdout\",\"time\":\"t\"}\n");

        for (String part : List.of("say \"hi\"", "\" <", "ünï", "say")) {
            assertThat(texts(LineQuery.newest(10).containing(part))).as(part).containsExactly("say \"hi\" < ünï");
        }
        assertThat(texts(LineQuery.newest(10).containing("stdout"))).isEmpty();
        assertThat(texts(LineQuery.newest(10).containing("SAY"))).isEmpty();
    }

    @Test
    void aLineThatDockerCutIsOneLineWithItsFirstTimeStamp() throws Exception {
        announce(new SourceId("d"), Form.DOCKER, "api");
        String whole = "begin " + "0123456789".repeat(100_000) + " end";
        StringBuilder file = new StringBuilder();
        for (int at = 0; at < whole.length(); at += 16 << 10) {
            boolean last = at + (16 << 10) >= whole.length();
            file.append(docker(whole.substring(at, Math.min(whole.length(), at + (16 << 10))), last, "stdout", at));
            if (at % (5 * 16 << 10) == 0) {
                file.append(docker("aside " + at, true, "stderr", at));
            }
        }
        file.append(docker("after", true, "stdout", 9));
        appendInBatches(new SourceId("d"), file.toString(), 100_000);

        for (String part : List.of("begin 0123", "6789 end")) {
            List<StoredLine> found = search(LineQuery.newest(10).containing(part));
            assertThat(found).as(part).hasSize(1);
            assertThat(found.get(0).line().text()).isEqualTo(whole);
            assertThat(found.get(0).line().time()).hasValue("t0");
            assertThat(found.get(0).line().partial()).isFalse();
            assertThat(found.get(0).offset()).isZero();
        }
        assertThat(texts(LineQuery.newest(100).containing("aside"))).hasSize(13);
        assertThat(texts(LineQuery.newest(1))).containsExactly("after");
    }

    @Test
    void aStringIsFoundWhereTheRuntimeCutIt() throws Exception {
        announce(new SourceId("c"), Form.CRI, "api");
        append(
                new SourceId("c"),
                0,
                "t1 stdout P one need\nt2 stderr F other\nt3 stdout P le-in-\nt4 stdout F haystack two\n");
        append(new SourceId("c"), 91, "t5 stdout F next\n");

        assertThat(texts(LineQuery.newest(10).containing("needle-in-haystack")))
                .containsExactly("one needle-in-haystack two");
        assertThat(texts(LineQuery.newest(10))).containsExactly("one needle-in-haystack two", "other", "next");
    }

    /** A node that is busy sends what it has: each of these came in a batch of its own. */
    @Test
    void aLineIsOneThoughNothingOfItCameInABatchBetweenItsPieces() throws Exception {
        announce(new SourceId("c"), Form.CRI, "api");
        appendInBatches(
                new SourceId("c"),
                "t1 stdout P one need\nt2 stderr F other\nt3 stdout P le-in-\nt4 stdout F hay two\n",
                1);

        for (String part : List.of("one", "needle", "needle-in-hay", "in-hay two")) {
            assertThat(texts(LineQuery.newest(10).containing(part))).as(part).containsExactly("one needle-in-hay two");
        }
        assertThat(texts(LineQuery.newest(10))).containsExactly("one needle-in-hay two", "other");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void findsWhatLookingAtEachLineFinds(long seed) throws Exception {
        Random random = new Random(seed);
        announce(new SourceId("d"), Form.DOCKER, "api");
        announce(new SourceId("c"), Form.CRI, "api");
        List<String> texts = new ArrayList<>();
        for (int batch = 0; batch < 40; batch++) {
            StringBuilder docker = new StringBuilder();
            StringBuilder cri = new StringBuilder();
            for (int line = 0; line < 20; line++) {
                String text = words(random);
                texts.add(text);
                texts.add("cri " + text);
                docker.append(docker(text, true, "stdout", line));
                cri.append("2026-11-20T10:00:00.1Z stderr F cri ").append(text).append('\n');
            }
            append(new SourceId("d"), batch * 100_000L, docker.toString());
            append(new SourceId("c"), batch * 100_000L, cri.toString());
        }

        for (int query = 0; query < 60; query++) {
            String text = texts.get(random.nextInt(texts.size()));
            int from = random.nextInt(text.length());
            String part = text.substring(from, Math.min(text.length(), from + 1 + random.nextInt(14)));
            assertThat(texts(LineQuery.newest(5_000).containing(part)).stream().sorted())
                    .as(part)
                    .isEqualTo(texts.stream()
                            .filter(line -> line.contains(part))
                            .sorted()
                            .toList());
        }
    }

    @Test
    void searchesByTheCollectorsClock() throws Exception {
        append(SOURCE, 0, "early\n");
        store.append(NODE, batch(SOURCE, 6, "late\n"), NOW.plusSeconds(60)).get();

        assertThat(texts(LineQuery.newest(10).receivedIn(Optional.of(NOW.plusSeconds(30)), Optional.empty())))
                .containsExactly("late");
        assertThat(texts(LineQuery.newest(10).receivedIn(Optional.empty(), Optional.of(NOW.plusSeconds(30)))))
                .containsExactly("early");
    }

    @Test
    void aLossThatIsDeclaredAgainIsRememberedOnce() throws Exception {
        Instant later = NOW.plusSeconds(5);
        store.lost(NODE, new Lost(SOURCE, 10, 90, "budget", NOW), NOW).get();
        store.lost(NODE, new Lost(SOURCE, 10, 90, "budget", later), later).get();
        store.lost(NODE, new Lost(SOURCE, 90, Lost.UNKNOWN, "rotated unseen", NOW), NOW)
                .get();
        store.lost(NODE, new Lost(SOURCE, 90, Lost.UNKNOWN, "rotated unseen", later), later)
                .get();

        FoundLosses found = store.losses(NODE, Optional.empty(), 10);
        assertThat(lossesEndingAt(found)).containsExactly(Lost.UNKNOWN, 90L);
        assertThat(found.total()).isEqualTo(2);
        assertThat(found.losses())
                .allSatisfy(loss -> assertThat(loss.lost().at())
                        .as("when it was first told")
                        .isEqualTo(NOW));
    }

    @Test
    void eachLostByteCountsOnceHoweverItsLossIsCut() throws Exception {
        for (ByteRange range : List.of(new ByteRange(10, 90), new ByteRange(0, 120), new ByteRange(30, 40))) {
            store.lost(NODE, new Lost(SOURCE, range.from(), range.to(), "budget", NOW), NOW)
                    .get();
        }

        assertThat(store.losses(NODE, Optional.empty(), 10).losses())
                .extracting(
                        loss -> new ByteRange(loss.lost().from(), loss.lost().to()))
                .containsExactly(new ByteRange(90, 120), new ByteRange(0, 10), new ByteRange(10, 90));
    }

    @Test
    void lossesArePagedBackToTheOldestThatIsKept() throws Exception {
        for (long i = 1; i <= LineStore.MAX_LOSSES + 2; i++) {
            store.lost(NODE, new Lost(SOURCE, i - 1, i, "budget", NOW), NOW).get();
        }

        FoundLosses newest = store.losses(NODE, Optional.empty(), 2);
        assertThat(newest.total()).isEqualTo(LineStore.MAX_LOSSES);
        assertThat(lossesEndingAt(newest)).containsExactly(1002L, 1001L);
        Optional<Long> before = Optional.of(newest.losses().get(1).id());
        assertThat(lossesEndingAt(store.losses(NODE, before, 2))).containsExactly(1000L, 999L);
        List<Long> older = lossesEndingAt(store.losses(NODE, before, LineStore.MAX_LOSSES));
        assertThat(older).hasSize(LineStore.MAX_LOSSES - 2).endsWith(3L);
    }

    private static List<Long> lossesEndingAt(FoundLosses found) {
        return found.losses().stream().map(loss -> loss.lost().to()).toList();
    }

    @Test
    void retentionDropsWhatIsTooOldAndNeverTakesItAgain() throws Exception {
        append(SOURCE, 0, "old\n");
        store.append(NODE, batch(SOURCE, 4, "new\n"), NOW.plus(Duration.ofDays(2)))
                .get();

        store.retain(new Retention(1, 1L << 30), NOW.plus(Duration.ofDays(2)));
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(texts(LineQuery.newest(10))).containsExactly("new"));

        assertThat(append(SOURCE, 0, "old\n")).isEmpty();
        assertThat(store.totals().expiredLines()).isEqualTo(1);
    }

    private static final String TRACE = """
            java.lang.IllegalStateException: no leader
            \tat io.example.Raft.elect(Raft.java:12)
            Caused by: java.io.IOException: broken pipe
            \tat io.example.Wire.write(Wire.java:3)""";

    @Test
    void aMatchInAnyLineFindsTheWholeRecordOfItsStream() throws Exception {
        announce(SOURCE, Form.DOCKER, "shop");
        StringBuilder file = new StringBuilder(docker("before", true, "stderr", 0));
        for (String line : TRACE.split("\n")) {
            file.append(docker(line, true, "stderr", 1));
            file.append(docker("\tat no trace of this stream", true, "stdout", 2));
        }
        file.append(docker("after", true, "stderr", 3));
        appendInBatches(SOURCE, file.toString(), 150);

        for (String part : List.of("IllegalState", "Raft.java", "broken pipe", "at io.example")) {
            assertThat(records(LineQuery.newest(10).containing(part), "java"))
                    .as(part)
                    .singleElement()
                    .satisfies(record -> {
                        assertThat(record.line().text()).isEqualTo(TRACE);
                        assertThat(record.lines()).isEqualTo(4);
                        assertThat(record.line().time()).contains("t1");
                        assertThat(record.line().stream()).contains("stderr");
                    });
        }
        assertThat(records(LineQuery.newest(100), "java"))
                .extracting(record -> record.line().text())
                .contains("before", TRACE, "after");
        assertThat(texts(LineQuery.newest(10).containing("broken pipe")))
                .as("who does not ask for records gets lines")
                .containsExactly("Caused by: java.io.IOException: broken pipe");
    }

    @Test
    void aRecordIsFoundOnExactlyOnePageHoweverSourcesMix() throws Exception {
        SourceId other = new SourceId("s2");
        announce(other, Form.PLAIN, "kubelet");
        Random random = new Random(7);
        List<String> written = new ArrayList<>();
        Map<SourceId, Long> ends = new java.util.HashMap<>(Map.of(SOURCE, 0L, other, 0L));
        for (int n = 0; n < 120; n++) {
            StringBuilder record = new StringBuilder("record " + n + " ");
            for (int line = random.nextInt(8); line > 0; line--) {
                record.append("\n  ").append(random.nextInt(4) == 0 ? "needle" : "hay");
            }
            written.add(record.toString());
            SourceId source = random.nextBoolean() ? SOURCE : other;
            for (String line : record.toString().split("\n")) {
                append(source, ends.get(source), line + "\n");
                ends.merge(source, line.length() + 1L, Long::sum);
            }
        }

        assertThat(pages("", 7)).containsExactlyInAnyOrderElementsOf(written);
        assertThat(pages("needle", 3))
                .containsExactlyInAnyOrderElementsOf(written.stream()
                        .filter(record -> record.contains("needle"))
                        .toList());
    }

    @Test
    void aRecordHasBounds() throws Exception {
        append(SOURCE, 0, "begin\n" + "\tat somewhere\n".repeat(2_000) + "end\n");

        List<StoredLine> found = records(LineQuery.newest(5_000), "java");
        assertThat(found).allSatisfy(record -> assertThat(record.lines()).isLessThanOrEqualTo(RecordJoiner.MAX_LINES));
        assertThat(found.stream().mapToInt(StoredLine::lines).sum()).isEqualTo(2_002);
        assertThat(records(LineQuery.newest(1).containing("begin"), "java"))
                .singleElement()
                .satisfies(record -> assertThat(record.lines()).isEqualTo(RecordJoiner.MAX_LINES));
    }

    @Test
    void recordsFillTheMemoryOfOneAnswerOnly() throws Exception {
        int records = 100;
        String record = "  long indented line\n".repeat(400).replace("long", "long ".repeat(100));
        for (int n = 0, at = 0; n < records; n++) {
            String lines = "begin " + n + "\n" + record;
            append(SOURCE, at, lines);
            at += lines.length();
        }

        FoundLines found = store.search(LineQuery.newest(records).containing("begin"), indented());

        assertThat(found.lines())
                .hasSize(records)
                .allSatisfy(line -> assertThat(line.line().text()).startsWith("begin"));
        assertThat(found.complete()).isFalse();
        assertThat(found.lines().stream()
                        .mapToLong(line -> line.line().text().length())
                        .sum())
                .isBetween(15L << 20, 17L << 20);
    }

    @Test
    void whatComesLaterIsAnotherRecord() throws Exception {
        append(SOURCE, 0, "java.lang.Error: one\n");
        store.append(NODE, batch(SOURCE, 21, "\tat x\n"), NOW.plusSeconds(60)).get();

        assertThat(records(LineQuery.newest(10), "java")).hasSize(2);
    }

    @Test
    void piecesOfALineAreJoinedInARecordToo() throws Exception {
        announce(SOURCE, Form.DOCKER, "shop");
        append(
                SOURCE,
                0,
                docker("java.lang.Error: a long ", false, "stdout", 1)
                        + docker("message", true, "stdout", 1)
                        + docker("\tat x", true, "stdout", 1));

        assertThat(records(LineQuery.newest(10).containing("long message"), "auto"))
                .extracting(record -> record.line().text())
                .containsExactly("java.lang.Error: a long message\n\tat x");
    }

    private List<String> pages(String text, int limit) throws Exception {
        List<String> all = new ArrayList<>();
        Optional<Long> before = Optional.of(Long.MAX_VALUE);
        while (before.isPresent()) {
            FoundLines page =
                    store.search(LineQuery.newest(limit).containing(text).before(before.get()), indented());
            page.lines().forEach(record -> all.add(record.line().text()));
            before = page.next();
            assertThat(page.lines()).as("limit counts records").hasSizeBetween(before.isPresent() ? limit : 0, limit);
        }
        return all;
    }

    private static Joining indented() {
        Lines lines = new Lines(
                Optional.empty(),
                Map.of("indented", new JoinPattern(Optional.empty(), Optional.of("^ "))),
                Map.of("etcd", "indented", "kubelet", "indented"));
        return Joining.named("auto", lines);
    }

    private List<StoredLine> records(LineQuery query, String join) throws Exception {
        FoundLines found = store.search(query, Joining.named(join, Lines.DEFAULT));
        assertThat(found.complete()).isTrue();
        return found.lines();
    }

    private static String words(Random random) {
        String letters = "abcde \"\\/<ü\t0123";
        StringBuilder text = new StringBuilder("w");
        for (int i = random.nextInt(40); i >= 0; i--) {
            text.append(letters.charAt(random.nextInt(letters.length())));
        }
        return text.toString();
    }

    /** As moby's jsonfilelog writes it; a piece has no line feed. */
    private static String docker(String text, boolean whole, String stream, int time) {
        String escaped = text.replace("\\", "\\\\")
                .replace("\"", "\\\"")
                .replace("<", "\\u003c")
                .replace("\t", "\\t");
        return "{\"log\":\"" + escaped + (whole ? "\\n" : "") + "\",\"stream\":\"" + stream + "\",\"time\":\"t" + time
                + "\"}\n";
    }

    /** Cut between lines, as an agent cuts its slabs. */
    private void appendInBatches(SourceId source, String file, int bytes) throws Exception {
        for (int at = 0; at < file.length(); ) {
            int end = Math.min(file.length(), at + bytes);
            end = file.indexOf('\n', end - 1) + 1;
            append(source, at, file.substring(at, end));
            at = end;
        }
    }

    static String incompressible(Random random, int lines, int bytes) {
        StringBuilder text = new StringBuilder();
        for (int line = 0; line < lines; line++) {
            for (int i = 1; i < bytes; i++) {
                text.append((char) (' ' + random.nextInt(90)));
            }
            text.append('\n');
        }
        return text.toString();
    }

    private static int[] starts(List<String> lines) {
        int[] starts = new int[lines.size() + 1];
        for (int i = 0; i < lines.size(); i++) {
            starts[i + 1] = starts[i] + lines.get(i).length();
        }
        return starts;
    }

    void announce(SourceId source, Form form, String container) throws Exception {
        store.open(NODE, new SourceOpened(source, form, container, Map.of()), NOW)
                .get(30, TimeUnit.SECONDS);
    }

    List<ByteRange> append(SourceId source, long from, String text) throws Exception {
        return appendLater(source, from, text).get(30, TimeUnit.SECONDS);
    }

    CompletableFuture<List<ByteRange>> appendLater(SourceId source, long from, String text) {
        return store.append(NODE, batch(source, from, text), NOW);
    }

    static LogBatch batch(SourceId source, long from, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return new LogBatch(
                source, from, from + bytes.length, (int) text.lines().count(), ByteBuffer.wrap(bytes));
    }

    List<StoredLine> search(LineQuery query) throws Exception {
        FoundLines found = store.search(query);
        assertThat(found.complete()).isTrue();
        return found.lines();
    }

    List<String> texts(LineQuery query) throws Exception {
        return new ArrayList<>(
                search(query).stream().map(line -> line.line().text()).toList());
    }
}
