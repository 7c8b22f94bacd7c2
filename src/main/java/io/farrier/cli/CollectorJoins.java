package io.farrier.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.farrier.assembly.CollectorDesk;
import io.farrier.collector.identity.Invitation;
import io.farrier.collector.identity.Member;
import io.farrier.collector.identity.NodeName;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code farrier collector members|approve|revoke|forget}: who came, and who may stay. */
final class CollectorJoins {
    private CollectorJoins() {}

    /** What works on one node of a collector. */
    private abstract static class OfNode extends Verb {
        @Mixin
        CollectorOptions collector = new CollectorOptions();

        @Parameters(paramLabel = "NODE", description = "the node's name")
        String node = "";

        NodeName name() {
            try {
                return new NodeName(node);
            } catch (IllegalArgumentException wrong) {
                throw misused("NODE is " + wrong.getMessage() + ".");
            }
        }
    }

    @Command(name = "members", description = "List the nodes that joined or wait to, and the open invitations.")
    static final class Members extends Verb {
        @Mixin
        CollectorOptions collector = new CollectorOptions();

        @Override
        public Integer call() throws Exception {
            CollectorDesk desk = collector.desk();
            List<Member> members = desk.joins().members();
            Map<Invitation, Integer> invitations = desk.joins().invitations();
            if (wantsJson()) {
                screen().json(json(members, invitations));
            } else {
                screen().table(table(members));
                screen().blank();
                screen().table(invitationTable(invitations));
            }
            return ExitCode.DONE;
        }

        private static List<List<String>> table(List<Member> members) {
            List<List<String>> rows = new ArrayList<>();
            rows.add(List.of("NODE", "STANDING", "SINCE", "FROM", "INVITATION"));
            members.forEach(member -> rows.add(List.of(
                    member.node().value(),
                    standing(member),
                    member.since().toString(),
                    member.from(),
                    member.invitation())));
            return rows;
        }

        private static List<List<String>> invitationTable(Map<Invitation, Integer> invitations) {
            List<List<String>> rows = new ArrayList<>();
            rows.add(List.of("INVITATION", "EXPIRES", "USED", "NODES", "FROM", "APPROVAL"));
            invitations.forEach((invitation, used) -> rows.add(List.of(
                    invitation.id(),
                    invitation.expires().toString(),
                    used + " of " + invitation.uses(),
                    invitation.nodes(),
                    invitation.from().map(Object::toString).orElse("anywhere"),
                    invitation.approval() ? "yes" : "no")));
            return rows;
        }

        private static ObjectNode json(List<Member> members, Map<Invitation, Integer> invitations) {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            members.forEach(member -> json.withArray("members")
                    .addObject()
                    .put("node", member.node().value())
                    .put("standing", standing(member))
                    .put("since", member.since().toString())
                    .put("from", member.from())
                    .put("invitation", member.invitation()));
            invitations.forEach((invitation, used) -> {
                ObjectNode one = json.withArray("invitations")
                        .addObject()
                        .put("id", invitation.id())
                        .put("expires", invitation.expires().toString())
                        .put("used", used)
                        .put("uses", invitation.uses())
                        .put("nodes", invitation.nodes())
                        .put("approval", invitation.approval());
                invitation.from().ifPresent(network -> one.put("from", network.toString()));
            });
            return json;
        }

        private static String standing(Member member) {
            return member.standing().name().toLowerCase(Locale.ROOT);
        }
    }

    @Command(name = "approve", description = "Let a node in that waits: it came by 'invite --approval'.")
    static final class Approve extends OfNode {
        @Override
        public Integer call() throws Exception {
            NodeName name = name();
            if (!collector.desk().joins().approve(name)) {
                screen().complain("No node named " + name + " waits. 'farrier collector members' lists those that do.");
                return ExitCode.ERROR;
            }
            screen().line("Node " + name + " is let in when it asks next.");
            return ExitCode.DONE;
        }
    }

    @Command(name = "revoke", description = "End an invitation: nobody joins by it any more; who joined stays.")
    static final class Revoke extends Verb {
        @Mixin
        CollectorOptions collector = new CollectorOptions();

        @Parameters(paramLabel = "INVITATION", description = "as 'farrier collector members' lists it")
        String id = "";

        @Override
        public Integer call() throws Exception {
            if (!collector.desk().joins().revoke(id)) {
                screen().complain("There is no invitation '" + id + "'. 'farrier collector members' lists them.");
                return ExitCode.ERROR;
            }
            screen().line("Nobody joins by " + id + " any more.");
            return ExitCode.DONE;
        }
    }

    @Command(
            name = "forget",
            description = "Give a node's name free and end its token. What it sent stays until retention takes it.")
    static final class Forget extends OfNode {
        @Override
        public Integer call() throws Exception {
            NodeName name = name();
            collector.desk().forget(name);
            screen().line("Node " + name + " is forgotten; the running collector heeds it within a minute.");
            return ExitCode.DONE;
        }
    }
}
