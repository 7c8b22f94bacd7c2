package io.farrier.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a restart of a daemon would bring into effect besides the files it reads itself (SAFETY 5): another program, another
 * unit.
 */
public final class StagedStart {
    private static final Duration SYSTEMCTL_DEADLINE = Duration.ofSeconds(10);
    private static final String PROPERTIES = "MainPID,NeedDaemonReload,FragmentPath,DropInPaths,EnvironmentFiles";
    private static final Pattern UNIT_FILE = Pattern.compile("(?<=[= ])/\\S+");

    private final Commands commands;
    private final Processes processes;

    public StagedStart(Commands commands, Processes processes) {
        this.commands = commands;
        this.processes = processes;
    }

    /**
     * As clauses.
     *
     * @param helper the name of the process that the daemon starts and stops with itself, where it does
     */
    public List<String> clauses(DaemonProcess daemon, int pid, String helper) throws IOException {
        List<String> clauses = new ArrayList<>();
        processes
                .replacedProgram(pid)
                .ifPresent(program -> clauses.add(program + " was replaced, which is an upgrade"));
        for (int child : processes.children(pid, helper)) {
            processes
                    .replacedProgram(child)
                    .ifPresent(program -> clauses.add(program + " was replaced, which " + daemon.comm() + " starts"));
        }
        Instant started = processes.started(pid);
        for (String unit : daemon.units()) {
            clauses.addAll(changesOf(unit, pid, started));
        }
        return clauses;
    }

    private List<String> changesOf(String unit, int pid, Instant started) throws IOException {
        String shown = shown(unit);
        if (!shown.contains("MainPID=" + pid + "\n")) {
            return List.of();
        }
        List<String> clauses = new ArrayList<>();
        if (shown.contains("NeedDaemonReload=yes")) {
            clauses.add(unit + " was changed, and systemd has not read it yet");
        }
        Matcher file = UNIT_FILE.matcher(shown);
        while (file.find()) {
            Path path = Path.of(file.group());
            if (Files.exists(path)
                    && Files.getLastModifiedTime(path).toInstant().isAfter(started)) {
                clauses.add(path + " was changed");
            }
        }
        return clauses;
    }

    private String shown(String unit) {
        try {
            return commands.run(SYSTEMCTL_DEADLINE, List.of("systemctl", "show", "--property=" + PROPERTIES, unit))
                    .out();
        } catch (IOException noSystemd) {
            return "";
        }
    }
}
