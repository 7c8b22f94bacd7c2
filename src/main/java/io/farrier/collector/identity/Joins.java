package io.farrier.collector.identity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import io.farrier.image.Sha256;
import io.farrier.node.LockFile;
import io.farrier.secret.Secret;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Join tokens and who came by them. The running collector and the operator's commands work on the same files below {@code
 * state_dir}; no token opens them. A join token buys a node a token of its own for the feed, and that only for the name
 * it asked for: nothing that a pod can read in the node's user-data speaks for another node.
 */
public final class Joins {
    private static final int ID_BYTES = 4;

    /** It is held for some small files' time. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Path stateDir;
    private final Records<Invitation> invitations;
    private final Records<Member> members;

    /** How many nodes came by an invitation; written by the running collector only, and not lowered by forgetting one. */
    private final Records<Integer> uses;

    private final SecureRandom random;
    private final Clock clock;

    /** Whose a token is, by its hash: asked for at each connection. */
    private final Map<String, NodeName> byToken = new ConcurrentHashMap<>();

    private Joins(Path stateDir, SecureRandom random, Clock clock) {
        this.stateDir = stateDir;
        this.invitations = new Records<>(stateDir.resolve("invitations"), Invitation::toJson, Invitation::fromJson);
        this.members = new Records<>(stateDir.resolve("members"), Member::toJson, Member::fromJson);
        this.uses = new Records<>(stateDir.resolve("uses"), IntNode::valueOf, JsonNode::asInt);
        this.random = random;
        this.clock = clock;
    }

    public static Joins open(Path stateDir, SecureRandom random, Clock clock) throws IOException {
        Joins joins = new Joins(stateDir, random, clock);
        for (Member member : joins.members.all()) {
            member.token().ifPresent(token -> joins.byToken.put(token, member.node()));
        }
        return joins;
    }

    /** @param token shown once; only its hash is kept */
    public record Issued(Invitation invitation, Secret token) {}

    /** What a node hears. */
    public sealed interface Answer {
        /** @param token what it feeds with from now on */
        record Welcome(Secret token) implements Answer {}

        /** The operator has to say yes first; ask again. */
        record Wait() implements Answer {}

        /** @param wasUnknown whether the token itself was wrong, as a guess would be */
        record No(String reason, boolean wasUnknown) implements Answer {}
    }

    public Issued invite(Invitation.Terms terms) throws IOException {
        try (LockFile alone = lock()) {
            return issue(terms);
        }
    }

    private Issued issue(Invitation.Terms terms) throws IOException {
        dropOld();
        byte[] id = new byte[ID_BYTES];
        random.nextBytes(id);
        Secret token = newToken();
        Invitation invitation = new Invitation(
                HexFormat.of().formatHex(id),
                sha256(token),
                clock.instant().plus(terms.valid()),
                terms.uses(),
                terms.nodes(),
                terms.from(),
                terms.approval());
        invitations.put(invitation.id(), invitation);
        return new Issued(invitation, token);
    }

    /** Those that are still good for something, with how many nodes came by each. */
    public Map<Invitation, Integer> invitations() throws IOException {
        Map<Invitation, Integer> open = new LinkedHashMap<>();
        for (Invitation invitation : invitations.all()) {
            if (!invitation.isOverAt(clock.instant())) {
                open.put(invitation, used(invitation));
            }
        }
        return open;
    }

    /** Nodes that came by it stay. @return whether there was one */
    public boolean revoke(String id) throws IOException {
        try (LockFile alone = lock()) {
            return id.matches("[0-9a-f]{1,64}") && invitations.remove(id);
        }
    }

    public List<Member> members() throws IOException {
        return members.all();
    }

    /** @return whether that node waits */
    public boolean approve(NodeName node) throws IOException {
        try (LockFile alone = lock()) {
            Optional<Member> waiting =
                    members.find(node.value()).filter(member -> member.standing() == Member.Standing.PENDING);
            if (waiting.isPresent()) {
                members.put(node.value(), waiting.get().approved());
            }
            return waiting.isPresent();
        }
    }

    /** Its token is worth nothing from now on, and its name is free. */
    public synchronized void forget(NodeName node) throws IOException {
        byToken.values().removeIf(node::equals);
        try (LockFile alone = lock()) {
            members.remove(node.value());
        }
    }

    /** Whom a feed token speaks for. */
    public Optional<NodeName> nodeOf(Secret token) {
        return Optional.ofNullable(byToken.get(sha256(token)));
    }

    /** A node asks to be let in. The same node, by its key, may ask again: its old token then ends. */
    public synchronized Answer ask(Secret token, NodeName node, NodeKey key, InetAddress from) throws IOException {
        try (LockFile alone = lock()) {
            return answer(token, node, key, from);
        }
    }

    private Answer answer(Secret token, NodeName node, NodeKey key, InetAddress from) throws IOException {
        Optional<Invitation> invitation = invitationOf(token);
        if (invitation.isEmpty()) {
            return new Answer.No("There is no such join token, or it has expired or was revoked.", true);
        }
        Optional<Member> known = members.find(node.value());
        if (known.isPresent() && !known.get().key().equals(key.sha256())) {
            return new Answer.No(
                    "Another node has joined by the name " + node + ". If it is gone, the operator of the collector"
                            + " gives the name free: farrier collector forget " + node,
                    false);
        }
        Optional<String> against = objection(invitation.get(), node, from, known);
        if (against.isPresent()) {
            return new Answer.No(against.get(), false);
        }
        if (known.isEmpty()) {
            uses.put(invitation.get().id(), used(invitation.get()) + 1);
        }
        return admit(invitation.get(), known.orElse(candidate(invitation.get(), node, key, from)));
    }

    private Answer admit(Invitation invitation, Member member) throws IOException {
        if (invitation.approval() && member.standing() == Member.Standing.PENDING) {
            members.put(member.node().value(), member);
            return new Answer.Wait();
        }
        Secret token = newToken();
        members.put(member.node().value(), member.joined(sha256(token)));
        byToken.values().removeIf(member.node()::equals);
        byToken.put(sha256(token), member.node());
        return new Answer.Welcome(token);
    }

    private Member candidate(Invitation invitation, NodeName node, NodeKey key, InetAddress from) {
        return new Member(
                node,
                key.sha256(),
                invitation.id(),
                from.getHostAddress(),
                clock.instant(),
                Member.Standing.PENDING,
                Optional.empty());
    }

    private Optional<String> objection(Invitation invitation, NodeName node, InetAddress from, Optional<Member> known)
            throws IOException {
        if (!invitation.isFor(node)) {
            return Optional.of("This join token is for nodes named " + invitation.nodes() + ", not for " + node + ".");
        }
        if (invitation.from().filter(network -> !network.contains(from)).isPresent()) {
            return Optional.of("This join token is for another network than " + from.getHostAddress() + "'s.");
        }
        if (known.isEmpty() && used(invitation) >= invitation.uses()) {
            return Optional.of("This join token is used up: it was for " + invitation.uses() + " node(s).");
        }
        return Optional.empty();
    }

    private Optional<Invitation> invitationOf(Secret token) throws IOException {
        String hash = sha256(token);
        return invitations.all().stream()
                .filter(invitation -> invitation.token().equals(hash))
                .filter(invitation -> !invitation.isOverAt(clock.instant()))
                .findFirst();
    }

    /** The operator's commands are processes of their own, and may come at any moment. */
    private LockFile lock() throws IOException {
        PrivateFile.createFolder(stateDir);
        Path file = stateDir.resolve("joins.lock");
        return LockFile.take(file, PATIENCE)
                .orElseThrow(() -> new IOException("Tried to lock " + file + " for " + PATIENCE.toSeconds()
                        + " s but another process has it. See which with 'lslocks', and try again."));
    }

    private int used(Invitation invitation) throws IOException {
        return uses.find(invitation.id()).orElse(0);
    }

    private void dropOld() throws IOException {
        for (Invitation invitation : invitations.all()) {
            if (invitation.isOverAt(clock.instant())) {
                invitations.remove(invitation.id());
                uses.remove(invitation.id());
            }
        }
    }

    private Secret newToken() {
        return Secret.of(RandomToken.make(random));
    }

    private static String sha256(Secret token) {
        return Sha256.hex(token.reveal().getBytes(StandardCharsets.UTF_8));
    }
}
