package io.farrier.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.ParameterException;

/** The verbs, and what they have in common: help, errors in one line, exit codes. */
public final class Cli {
    private static final String COMPLETION = "completion";

    private final Screen screen;

    public Cli() {
        this(Screen.ofProcess());
    }

    Cli(Screen screen) {
        this.screen = screen;
    }

    /** Each made only when it is asked for; in the order in which help lists them. */
    private static final class Verbs {
        private static final Map<String, Supplier<CommandLine>> ALL = verbs();
    }

    private static Map<String, Supplier<CommandLine>> verbs() {
        Map<String, Supplier<CommandLine>> verbs = new LinkedHashMap<>();
        verbs.put(AgentVerb.NAME, () -> new CommandLine(new AgentVerb()));
        verbs.put("collector", Cli::collector);
        verbs.put("join", () -> new CommandLine(new JoinVerb()));
        verbs.put("plan", () -> new CommandLine(new PlanVerb()));
        verbs.put("apply", () -> new CommandLine(new ApplyVerb()));
        verbs.put("restore", () -> new CommandLine(new RestoreVerb()));
        verbs.put("recover", () -> new CommandLine(new RecoverVerb()));
        verbs.put("history", () -> new CommandLine(new HistoryVerb()));
        verbs.put("pause", () -> new CommandLine(new PauseVerb()));
        verbs.put("resume", () -> new CommandLine(new ResumeVerb()));
        verbs.put("probe", () -> new CommandLine(new ProbeVerb()));
        verbs.put("why", () -> new CommandLine(new WhyVerb()));
        verbs.put("images", Cli::images);
        verbs.put("status", () -> new CommandLine(new StatusVerb()));
        verbs.put("logs", () -> new CommandLine(new LogsVerb()));
        verbs.put("doctor", () -> new CommandLine(new DoctorVerb()));
        verbs.put("wait", () -> new CommandLine(new WaitVerb()));
        verbs.put("certs", Cli::certs);
        verbs.put("config", Cli::config);
        verbs.put(COMPLETION, () -> new CommandLine(new CompletionVerb()));
        verbs.put("version", () -> new CommandLine(new VersionVerb()));
        return verbs;
    }

    private static CommandLine collector() {
        return new CommandLine(new CollectorVerb())
                .addSubcommand(new CollectorInvite())
                .addSubcommand(new CollectorJoins.Members())
                .addSubcommand(new CollectorJoins.Approve())
                .addSubcommand(new CollectorJoins.Revoke())
                .addSubcommand(new CollectorJoins.Forget());
    }

    private static CommandLine images() {
        return new CommandLine(new ImagesVerb())
                .addSubcommand(new ImagesVerb.ListImages())
                .addSubcommand(new ImagesVerb.Check())
                .addSubcommand(new ImagesVerb.Pull())
                .addSubcommand(new ImagesSave())
                .addSubcommand(new ImagesLoad())
                .addSubcommand(new ImagesMirror())
                .addSubcommand(new ImagesExtract());
    }

    private static CommandLine certs() {
        return new CommandLine(new CertsVerb())
                .addSubcommand(new CertsVerb.Ca())
                .addSubcommand(new CertsVerb.Issue())
                .addSubcommand(new CertsVerb.Show());
    }

    private static CommandLine config() {
        return new CommandLine(new ConfigVerb())
                .addSubcommand(new ConfigVerb.Check())
                .addSubcommand(new ConfigVerb.Schema())
                // Promised by the command line's contract, not built yet; it goes when its issue lands.
                .addSubcommand("import", notYet("Make farrier.yaml from what this node already has."));
    }

    private static CommandLine notYet(String description) {
        CommandLine line = new CommandLine(new NotYet());
        line.setUnmatchedArgumentsAllowed(true);
        line.getCommandSpec().usageMessage().description((description + " Not available yet.").strip());
        return line;
    }

    /** Runs one command line; the result is the process's exit code. */
    public int run(String... args) {
        Optional<AgentVerb> plain = AgentVerb.asUnitsSayIt(List.of(args));
        return plain.isPresent() ? run(plain.get()) : parsed(args);
    }

    private int run(Verb verb) {
        verb.on(screen);
        try {
            return verb.call();
        } catch (Exception failure) {
            return failed(failure);
        }
    }

    private int parsed(String... args) {
        Journal.hushLibraries();
        CommandLine line = args.length == 0 ? commandLine() : commandLine(args[0]);
        line.setOut(new PrintWriter(screen.out(), true));
        line.setErr(new PrintWriter(screen.err(), true));
        return line.execute(args);
    }

    /** To read all verbs' annotations takes as long as all the rest that an agent does until it is ready. */
    private CommandLine commandLine(String first) {
        boolean isOneVerb = Verbs.ALL.containsKey(first) && !first.equals(COMPLETION);
        return isOneVerb ? commandLine(Set.of(first)) : commandLine();
    }

    /** With every verb: to list them, to complete them, to guess which one was meant. */
    CommandLine commandLine() {
        return commandLine(Verbs.ALL.keySet());
    }

    private CommandLine commandLine(Set<String> names) {
        CommandLine root = new CommandLine(new Root());
        Verbs.ALL.forEach((name, verb) -> {
            if (names.contains(name)) {
                root.addSubcommand(name, verb.get());
            }
        });
        dress(root);
        return root;
    }

    private void dress(CommandLine line) {
        line.setUsageHelpWidth(100);
        line.setCaseInsensitiveEnumValuesAllowed(false);
        line.setExecutionExceptionHandler((failure, at, parsed) -> failed(failure));
        line.setParameterExceptionHandler((wrong, args) -> usage(wrong));
        line.getCommandSpec()
                .usageMessage()
                .exitCodeListHeading("%nExit codes:%n")
                .exitCodeList(ExitCode.meanings());
        if (line.getCommand() instanceof Verb verb) {
            verb.on(screen);
        }
        line.getSubcommands().values().forEach(this::dress);
    }

    private int failed(Exception failure) {
        Complaint.of(failure).forEach(screen::complain);
        return ExitCode.ERROR;
    }

    private int usage(ParameterException wrong) {
        screen.complain(wrong.getMessage() + " Try '"
                + wrong.getCommandLine().getCommandSpec().qualifiedName() + " --help'.");
        return ExitCode.USAGE;
    }

    @Command(
            name = "farrier",
            description = "Keeps RKE, k3s and RKE2 nodes right behind private registries, and says how they are.",
            subcommands = HelpCommand.class,
            synopsisSubcommandLabel = "VERB")
    static final class Root extends Verb {
        @Override
        public Integer call() {
            throw new ParameterException(spec().commandLine(), "A verb is missing.");
        }
    }
}
