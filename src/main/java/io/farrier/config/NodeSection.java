package io.farrier.config;

import static io.farrier.config.Property.optional;
import static io.farrier.config.Property.withDefault;

import io.farrier.pki.Certificate;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@code node}: what this node is, and whose turn it is among its servers. */
final class NodeSection {
    /** Kubernetes' rule for a node name (RFC 1123 subdomain); the collector keeps files by it. */
    private static final String NODE_NAME = "[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?";

    private static final int MAX_SERVERS = 15; // etcd's own advice is 7 members

    static final Property<String> NAME = withDefault(
            "name",
            ScalarType.text("a node name of small letters, digits, '-' and '.'", name -> name.matches(NODE_NAME)),
            reading -> reading.hostName().toLowerCase(Locale.ROOT),
            "How this node is called in reports; the host name unless said otherwise.");
    static final Property<FarrierConfig.Distribution> DISTRIBUTION = withDefault(
            "distribution",
            ScalarType.choice(FarrierConfig.Distribution.class),
            "auto",
            "What runs on this node; auto looks.");
    static final Property<Map<String, String>> LABELS = optional(
            "labels",
            new MapType<>(name -> FarrierYaml.notBlank(name, "a label"), ScalarType.text("a text")),
            "Names and values to find this node by.");
    static final Property<FileType.Content<Map<String, String>>> LABELS_FILE = optional(
            "labels_file",
            FileType.assignments(),
            "File of lines 'name=value' with more of them, such as what a metadata service said; 'labels' win.");

    static final Property<String> RESTART_SLOT = optional(
            "restart_slot",
            ScalarType.text("a number and how many servers take turns, such as 1/3", NodeSection::isSlot),
            "Whose turn it is to restart the runtime of a server or etcd node, k/n: the first five of ten minutes,"
                    + " each n x 10 minutes, and with 'runtime.restart: allow'; without it, never.");
    static final Property<List<URI>> MEMBERS = optional(
            "members",
            ListType.inOrder(ScalarType.url("https", "http")),
            "What each of the other n - 1 servers answers with 200 while it is healthy, such as"
                    + " https://10.0.0.2:9345/ping or etcd's /health; asked just before a restart.");
    static final Property<FileType.Content<List<Certificate>>> MEMBERS_CA = optional(
            "members_ca", FileType.certificates(), "PEM file of the CA that signed the members' certificates.");
    static final Property<FarrierConfig.ClientPair> MEMBERS_CLIENT = optional(
            "members_client", ClientSection.TYPE, "Certificate and key for members that ask for one, as etcd does.");

    static final Section<FarrierConfig.Node> TYPE = Section.of(
                    values -> new FarrierConfig.Node(
                            values.get(NAME),
                            values.get(DISTRIBUTION),
                            labels(values),
                            values.find(RESTART_SLOT).map(slot -> slot(slot, values))),
                    NAME,
                    DISTRIBUTION,
                    LABELS,
                    LABELS_FILE,
                    RESTART_SLOT,
                    MEMBERS,
                    MEMBERS_CA,
                    MEMBERS_CLIENT)
            .where(NodeSection::check);

    private NodeSection() {}

    private static Map<String, String> labels(Values values) {
        Map<String, String> labels = new LinkedHashMap<>();
        values.find(LABELS_FILE).ifPresent(file -> labels.putAll(file.value()));
        labels.putAll(values.map(LABELS));
        return labels;
    }

    private static boolean isSlot(String text) {
        return text.matches("[1-9][0-9]?/[1-9][0-9]?") && number(text) <= of(text) && of(text) <= MAX_SERVERS;
    }

    private static int number(String slot) {
        return Integer.parseInt(slot.substring(0, slot.indexOf('/')));
    }

    private static int of(String slot) {
        return Integer.parseInt(slot.substring(slot.indexOf('/') + 1));
    }

    private static FarrierConfig.RestartSlot slot(String slot, Values values) {
        return new FarrierConfig.RestartSlot(
                number(slot),
                of(slot),
                values.list(MEMBERS),
                values.find(MEMBERS_CA).map(file -> FarrierYaml.pem(file.value())),
                values.find(MEMBERS_CLIENT));
    }

    /** A server that nobody asks could be the one that is down. */
    private static void check(Values values) {
        int others = values.find(RESTART_SLOT).map(slot -> of(slot) - 1).orElse(0);
        int listed = values.list(MEMBERS).size();
        if (values.isWritten(RESTART_SLOT) && others != listed) {
            values.problem(
                    RESTART_SLOT,
                    "means " + others + " other servers, and 'members' lists " + listed
                            + ": list every other one, and not this node");
        }
        for (Property<?> property : List.of(MEMBERS, MEMBERS_CA, MEMBERS_CLIENT)) {
            if (values.isWritten(property) && !values.isWritten(RESTART_SLOT)) {
                values.problem(property, "is of no use without 'restart_slot'");
            }
        }
    }
}
