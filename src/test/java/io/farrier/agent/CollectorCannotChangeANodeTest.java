package io.farrier.agent;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.farrier.node.CheckedLine;
import io.farrier.node.CommandLines;
import io.farrier.node.WholeFile;

/** What comes from a collector moves a cursor. That it can do nothing else is a matter of what it can reach. */
@AnalyzeClasses(packages = "io.farrier", importOptions = ImportOption.DoNotIncludeTests.class)
final class CollectorCannotChangeANodeTest {
    @ArchTest
    static final ArchRule whatReadsFromTheCollectorKnowsNothingThatChangesANode = noClasses()
            .that(belongToAnyOf(Uplink.class, Doorman.class, InFlight.class, TailLane.class, StateLane.class))
            .should()
            .dependOnClassesThat(resideInAnyPackage(
                            "io.farrier.reconcile..",
                            "io.farrier.images..",
                            "io.farrier.keep..",
                            "io.farrier.runtime..",
                            "io.farrier.node..",
                            "io.farrier.plan..",
                            "io.farrier.ledger..")
                    .or(belongToAnyOf(Agent.class, NodeWork.class, Lane.class, Commands.class, ControlSocket.class)))
            .because("SAFETY 31: the collector cannot change a node");

    @ArchTest
    static final ArchRule onlyTheUplinkSpeaksToTheCollector = noClasses()
            .that()
            .resideInAPackage("io.farrier.agent")
            .and()
            .haveNameNotMatching(".*[.](Uplink|JoinRequest)([$].*)?")
            .should()
            .dependOnClassesThat(resideInAnyPackage("io.vertx.core.http.."));

    /** What a collector answers to a join is kept by an order of root's, never by the running agent. */
    @ArchTest
    static final ArchRule theRunningAgentJoinsNothing = noClasses()
            .that()
            .resideInAPackage("io.farrier.agent")
            .and()
            .haveNameNotMatching(".*[.]Join[A-Za-z]+([$].*)?")
            .should()
            .dependOnClassesThat()
            .haveNameMatching(".*[.]Join(Request|edCollector)([$].*)?");

    @ArchTest
    static final ArchRule theTailWritesNothingButHoldsAndCursors = classes()
            .that()
            .resideInAPackage("io.farrier.logs")
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(
                            "io.farrier.logs..",
                            "io.farrier.feed..",
                            "io.farrier.rules..",
                            "io.farrier.sample..",
                            "com.fasterxml.jackson..",
                            "org.jspecify..",
                            "java..")
                    // How cursors are written and kubelets are found; nothing of the node's own files.
                    .or(belongToAnyOf(CheckedLine.class, CommandLines.class, WholeFile.class)));

    /** The tail hands foreign lines to the rules, so these reach neither files nor programs nor the network. */
    @ArchTest
    static final ArchRule theRulesOnlyCompute = noClasses()
            .that()
            .resideInAPackage("io.farrier.rules..")
            .should()
            .dependOnClassesThat(
                    resideInAnyPackage("java.io..", "java.nio.file..", "java.nio.channels..", "java.net.."));
}
