package io.farrier;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of rooms: a direction that is only written down does not hold. */
@AnalyzeClasses(packages = "io.farrier", importOptions = ImportOption.DoNotIncludeTests.class)
final class HouseRulesTest {
    private static final String ROOT = "io.farrier";
    private static final Set<String> VALUES = Set.of("plan", "finding", "image", "pki", "secret", "sample", "metric");

    /** Room, then the rooms it may open besides the values. A parent room stands for its sub-rooms as well. */
    private static final Map<String, Set<String>> MAY_OPEN = table(
            "(entry)     -> cli",
            "cli         -> assembly keep reconcile images check agent collector ledger config logs pki.issue feed",
            "assembly    -> agent collector keep reconcile images check runtime registry archive logs vitals"
                    + " node transport config ledger segment spool pki.issue document route rules feed",
            "agent       -> reconcile images check logs vitals spool ledger feed config node runtime rules transport"
                    + " pki.issue",
            "collector   -> feed segment rules config node pki.issue",
            "keep        -> document config node ledger runtime",
            "reconcile   -> node ledger runtime registry",
            "images      -> route archive registry runtime config node document",
            "check       -> route rules registry runtime vitals document config node",
            "runtime     -> transport node route document",
            "registry    -> transport node",
            "archive     ->",
            "logs        -> feed rules node transport",
            "vitals      -> transport node",
            "node        ->",
            "transport   ->",
            "config      -> node rules",
            "ledger      -> node",
            "segment     ->",
            "spool       -> segment feed",
            "pki.issue   -> node",
            "document    ->",
            "route       ->",
            "rules       ->",
            "feed        ->");

    /** Values may open only these other values. */
    private static final Map<String, Set<String>> VALUES_MAY_OPEN = table(
            "finding -> plan image",
            "plan    -> image",
            "pki     -> image",
            "sample  -> image",
            "image   ->",
            "secret  ->",
            "metric  ->");

    /** Who may speak to which library. */
    private static final Map<String, Set<String>> OWNERS = table(
            "io.vertx                      -> agent collector transport assembly",
            "io.netty                      -> agent collector transport",
            "com.github.dockerjava         -> runtime.docker",
            "org.bouncycastle              -> pki.issue",
            "oshi                          -> vitals",
            "jnr                           -> node",
            "com.kenai.jffi                -> node",
            "org.yaml.snakeyaml            -> config document rules images",
            "picocli                       -> cli",
            "java.sql                      -> collector.store",
            "org.sqlite                    -> collector.store",
            "com.github.luben              -> collector.store archive feed",
            "com.google.protobuf           -> runtime.containerd",
            "org.apache.kafka              -> collector.sink");

    @ArchTest
    static final ArchRule roomsOpenOnlyTheRoomsOfTheTable = classes().should(openOnlyWhatTheTableAllows());

    @ArchTest
    static final ArchRule noCycles =
            slices().matching("io.farrier.(**)").should().beFreeOfCycles();

    @ArchTest
    static void librariesAreSpokenToByTheirOwnersOnly(JavaClasses all) {
        OWNERS.forEach((library, rooms) -> noClasses()
                .that()
                .resideOutsideOfPackages(
                        rooms.stream().map(room -> ROOT + "." + room + "..").toArray(String[]::new))
                .should()
                .dependOnClassesThat(resideInAnyPackage(library + ".."))
                .because(library + " belongs to " + rooms)
                .check(all));
    }

    @ArchTest
    static final ArchRule onlyMainEndsTheProcess = noClasses()
            .that()
            .doNotHaveFullyQualifiedName("io.farrier.Main")
            .should()
            .callMethod(System.class, "exit", int.class)
            .orShould()
            .callMethod(Runtime.class, "halt", int.class)
            .because("everything else returns an exit code");

    @ArchTest
    static final ArchRule onlyTheCommandLinePrints = noClasses()
            .that()
            .resideOutsideOfPackages("io.farrier", "io.farrier.cli..")
            .should()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err")
            .because("what people see is escaped in cli");

    @Test
    void everyRoomSaysWhatLivesThere() throws IOException {
        Path sources = Path.of("src/main/java/io/farrier");
        List<Path> silent = new ArrayList<>();
        try (Stream<Path> folders = Files.walk(sources)) {
            for (Path folder : folders.filter(Files::isDirectory).toList()) {
                if (hasClasses(folder) && !Files.exists(folder.resolve("package-info.java"))) {
                    silent.add(folder);
                }
            }
        }
        assertThat(silent).as("rooms without package-info.java").isEmpty();
    }

    @Test
    void everyRoomStandsInTheTable() throws IOException {
        Set<String> unknown = new TreeSet<>();
        Path sources = Path.of("src/main/java/io/farrier");
        try (Stream<Path> folders = Files.walk(sources)) {
            folders.filter(Files::isDirectory)
                    .filter(folder -> !folder.equals(sources))
                    .map(folder -> sources.relativize(folder).toString().replace('/', '.'))
                    .filter(room -> !VALUES.contains(room) && tableRow(room) == null && !isOnlyAParent(room))
                    .forEach(unknown::add);
        }
        assertThat(unknown).as("rooms the table does not know").isEmpty();
    }

    private static boolean isOnlyAParent(String room) {
        return MAY_OPEN.keySet().stream().anyMatch(known -> known.startsWith(room + "."));
    }

    private static boolean hasClasses(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.anyMatch(file -> file.toString().endsWith(".java"));
        }
    }

    private static ArchCondition<JavaClass> openOnlyWhatTheTableAllows() {
        return new ArchCondition<>("open only the rooms of the table") {
            @Override
            public void check(JavaClass origin, ConditionEvents events) {
                for (Dependency dependency : origin.getDirectDependenciesFromSelf()) {
                    JavaClass target = dependency.getTargetClass().getBaseComponentType();
                    if (target.getPackageName().startsWith(ROOT)
                            && !mayOpen(roomOf(origin.getPackageName()), roomOf(target.getPackageName()))) {
                        events.add(SimpleConditionEvent.violated(dependency, dependency.getDescription()));
                    }
                }
            }
        };
    }

    private static boolean mayOpen(String from, String to) {
        if (from.equals(to)) {
            return true;
        }
        if (VALUES.contains(from)) {
            return VALUES_MAY_OPEN.getOrDefault(from, Set.of()).contains(to);
        }
        if (VALUES.contains(to)) {
            return true;
        }
        String row = tableRow(from);
        return row != null
                && (isWithin(to, row) || MAY_OPEN.get(row).stream().anyMatch(allowed -> isWithin(to, allowed)));
    }

    /** The row that speaks for a room: its own, else the nearest parent's. */
    private static String tableRow(String room) {
        for (String at = room; ; at = at.substring(0, at.lastIndexOf('.'))) {
            if (MAY_OPEN.containsKey(at)) {
                return at;
            }
            if (at.indexOf('.') < 0) {
                return null;
            }
        }
    }

    private static boolean isWithin(String room, String parent) {
        return room.equals(parent) || room.startsWith(parent + ".");
    }

    private static String roomOf(String packageName) {
        return packageName.equals(ROOT) ? "(entry)" : packageName.substring(ROOT.length() + 1);
    }

    private static Map<String, Set<String>> table(String... rows) {
        Map<String, Set<String>> table = new TreeMap<>();
        for (String row : rows) {
            String[] sides = row.split("->", -1);
            table.put(
                    sides[0].strip(),
                    Arrays.stream(sides[1].strip().split("\\s+"))
                            .filter(room -> !room.isEmpty())
                            .collect(Collectors.toSet()));
        }
        return table;
    }
}
