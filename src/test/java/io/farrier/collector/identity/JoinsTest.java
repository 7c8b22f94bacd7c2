package io.farrier.collector.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farrier.collector.identity.Joins.Answer;
import io.farrier.secret.Secret;
import io.farrier.testing.MovableClock;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class JoinsTest {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final NodeName WORKER = new NodeName("worker-1");
    private static final NodeName OTHER = new NodeName("worker-2");
    private static final NodeKey KEY = NodeKey.of("the-key-of-worker-1");
    private static final NodeKey OTHER_KEY = NodeKey.of("the-key-of-somebody");

    private final MovableClock clock = new MovableClock(Instant.parse("2026-11-20T10:00:00Z"));

    @TempDir
    Path folder;

    private Joins joins;

    @BeforeEach
    void open() throws Exception {
        joins = Joins.open(folder, new SecureRandom(), clock);
    }

    @Test
    void aJoinTokenBuysATokenForOneName() throws Exception {
        Secret own = welcome(joins.ask(invite(1, "*").token(), WORKER, KEY, address("10.0.0.1")));

        assertThat(joins.nodeOf(own)).contains(WORKER);
        assertThat(joins.nodeOf(Secret.of("a-token-that-nobody-has"))).isEmpty();
    }

    @Test
    void aUsedTokenBuysNothing() throws Exception {
        Secret token = invite(1, "*").token();
        welcome(joins.ask(token, WORKER, KEY, address("10.0.0.1")));

        assertThat(no(joins.ask(token, OTHER, OTHER_KEY, address("10.0.0.2")))).contains("used up");
        assertThat(no(joins.ask(token, WORKER, OTHER_KEY, address("10.0.0.2")))).contains("Another node has joined");
    }

    /** The operator's command is a process of its own, which knows nothing of the collector's threads. */
    @Test
    void whatTheOperatorApprovesStaysThoughTheNodeKeepsAsking() throws Exception {
        Joins operator = Joins.open(folder, new SecureRandom(), clock);
        for (int round = 0; round < 20; round++) {
            Secret token = joins.invite(new Invitation.Terms(HOUR, 1, "*", Optional.empty(), true))
                    .token();
            assertThat(joins.ask(token, WORKER, KEY, address("10.0.0.1"))).isInstanceOf(Answer.Wait.class);
            CompletableFuture<Answer> asking = CompletableFuture.supplyAsync(() -> askedUntilWelcome(token));

            assertThat(operator.approve(WORKER)).isTrue();

            assertThat(asking.get(60, TimeUnit.SECONDS)).isNotInstanceOf(Answer.No.class);
            welcome(joins.ask(token, WORKER, KEY, address("10.0.0.1")));
            operator.forget(WORKER);
        }
    }

    private Answer askedUntilWelcome(Secret token) {
        try {
            Answer answer = joins.ask(token, WORKER, KEY, address("10.0.0.1"));
            for (int i = 1; i < 100 && answer instanceof Answer.Wait; i++) {
                answer = joins.ask(token, WORKER, KEY, address("10.0.0.1"));
            }
            return answer;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void theSameNodeMayAskAgainAndItsOldTokenEnds() throws Exception {
        Secret token = invite(1, "*").token();
        Secret first = welcome(joins.ask(token, WORKER, KEY, address("10.0.0.1")));
        Secret second = welcome(joins.ask(token, WORKER, KEY, address("10.0.0.1")));

        assertThat(joins.nodeOf(first)).isEmpty();
        assertThat(joins.nodeOf(second)).contains(WORKER);
    }

    @Test
    void whatHasExpiredOrWasRevokedIsUnknown() throws Exception {
        Joins.Issued revoked = invite(5, "*");
        Joins.Issued expired = invite(5, "*");
        assertThat(joins.revoke(revoked.invitation().id())).isTrue();
        assertThat(joins.revoke("../invitations")).isFalse();

        assertThat(no(joins.ask(revoked.token(), WORKER, KEY, address("10.0.0.1"))))
                .contains("no such join token");
        clock.advance(HOUR);
        assertThat(no(joins.ask(expired.token(), WORKER, KEY, address("10.0.0.1"))))
                .contains("no such join token");
        assertThat(joins.invitations()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"worker-*, worker-1, true", "worker-*, server-1, false", "w*.b*, w1.b2, true", "w.b, wxb, false"})
    void aPatternSaysWhichNames(String pattern, String node, boolean fits) throws Exception {
        Answer answer = joins.ask(invite(1, pattern).token(), new NodeName(node), KEY, address("10.0.0.1"));

        assertThat(answer instanceof Answer.Welcome).isEqualTo(fits);
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.0.1, true",
        "10.0.0.0/8, 11.0.0.1, false",
        "10.1.2.3, 10.1.2.3, true",
        "10.1.2.0/25, 10.1.2.128, false",
        "2001:db8::/32, 2001:db8:1::7, true",
        "2001:db8::/32, 10.0.0.1, false",
        "0.0.0.0/0, 192.0.2.1, true"
    })
    void aNetworkSaysFromWhere(String network, String from, boolean fits) throws Exception {
        Secret token = joins.invite(new Invitation.Terms(HOUR, 1, "*", Optional.of(Network.parse(network)), false))
                .token();

        assertThat(joins.ask(token, WORKER, KEY, address(from)) instanceof Answer.Welcome)
                .isEqualTo(fits);
    }

    @ParameterizedTest
    @CsvSource({"example.com", "10.0.0.0/33", "10.0.0", "2001:db8::/129", "10.0.0.0/", "''"})
    void whatIsNoNetworkIsRefused(String text) {
        assertThatThrownBy(() -> Network.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void withApprovalANodeWaitsForTheOperator() throws Exception {
        Secret token = joins.invite(new Invitation.Terms(HOUR, 9, "*", Optional.empty(), true))
                .token();

        assertThat(joins.ask(token, WORKER, KEY, address("10.0.0.1"))).isInstanceOf(Answer.Wait.class);
        assertThat(joins.ask(token, WORKER, KEY, address("10.0.0.1"))).isInstanceOf(Answer.Wait.class);
        assertThat(beside().approve(OTHER)).isFalse();
        assertThat(beside().approve(WORKER)).isTrue();
        assertThat(no(joins.ask(token, WORKER, OTHER_KEY, address("10.0.0.1")))).contains("Another node");
        welcome(joins.ask(token, WORKER, KEY, address("10.0.0.1")));
    }

    @Test
    void aForgottenNodesTokenEndsAndItsNameIsFree() throws Exception {
        Secret token = invite(2, "*").token();
        Secret own = welcome(joins.ask(token, WORKER, KEY, address("10.0.0.1")));
        joins.forget(WORKER);

        assertThat(joins.nodeOf(own)).isEmpty();
        welcome(joins.ask(token, WORKER, OTHER_KEY, address("10.0.0.1")));
        joins.forget(WORKER);
        assertThat(no(joins.ask(token, WORKER, KEY, address("10.0.0.1"))))
                .as("to forget a node gives no use back")
                .contains("used up");
    }

    @Test
    void aRestartKnowsTheNodesAndTheInvitations() throws Exception {
        Secret token = invite(2, "*").token();
        Secret own = welcome(joins.ask(token, WORKER, KEY, address("10.0.0.1")));

        assertThat(beside().nodeOf(own)).contains(WORKER);
        welcome(beside().ask(token, OTHER, OTHER_KEY, address("10.0.0.2")));
    }

    @Test
    void noSecretIsKeptInPlainAndNobodyElseCanRead() throws Exception {
        Secret token = invite(1, "*").token();
        Secret own = welcome(joins.ask(token, WORKER, KEY, address("10.0.0.1")));

        for (Path file : files()) {
            assertThat(Files.readString(file, StandardCharsets.UTF_8)).doesNotContain(token.reveal(), own.reveal());
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void aTornFileCostsItselfOnly() throws Exception {
        Secret token = invite(5, "*").token();
        Secret own = welcome(joins.ask(token, WORKER, KEY, address("10.0.0.1")));
        welcome(joins.ask(token, OTHER, OTHER_KEY, address("10.0.0.2")));
        Path torn = folder.resolve("members/worker-2.json");
        Files.writeString(torn, Files.readString(torn).substring(0, 40));

        assertThat(beside().nodeOf(own)).contains(WORKER);
        assertThat(beside().members()).extracting(Member::node).containsExactly(WORKER);
    }

    private Joins.Issued invite(int uses, String nodes) throws Exception {
        return joins.invite(new Invitation.Terms(HOUR, uses, nodes, Optional.empty(), false));
    }

    /** As another process sees it. */
    private Joins beside() throws Exception {
        return Joins.open(folder, new SecureRandom(), clock);
    }

    private List<Path> files() throws Exception {
        try (Stream<Path> all = Files.walk(folder)) {
            List<Path> files = all.filter(Files::isRegularFile).toList();
            assertThat(files).as("an invitation, its uses, a member, the lock").hasSize(4);
            return files;
        }
    }

    private static Secret welcome(Answer answer) {
        assertThat(answer).isInstanceOf(Answer.Welcome.class);
        return ((Answer.Welcome) answer).token();
    }

    private static String no(Answer answer) {
        assertThat(answer).isInstanceOf(Answer.No.class);
        return ((Answer.No) answer).reason();
    }

    private static InetAddress address(String text) throws Exception {
        return InetAddress.getByName(text);
    }
}
