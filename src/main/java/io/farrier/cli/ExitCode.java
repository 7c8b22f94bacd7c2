package io.farrier.cli;

import java.util.LinkedHashMap;
import java.util.Map;

/** The exit codes of every verb, so that Ansible and shell scripts can tell results apart. A stable contract. */
final class ExitCode {
    static final int DONE = 0;
    static final int ERROR = 1;
    static final int PENDING = 2;
    static final int FINDINGS = 3;
    static final int REFUSED = 4;
    static final int ROLLED_BACK = 5;
    static final int USAGE = 64;

    private ExitCode() {}

    /** As {@code --help} of every verb lists them. */
    static Map<String, String> meanings() {
        Map<String, String> meanings = new LinkedHashMap<>();
        meanings.put(" 0", "done, nothing to do");
        meanings.put(" 1", "error: one line on stderr says what was tried, what was seen, what to do");
        meanings.put(" 2", "changes pending or withheld");
        meanings.put(" 3", "findings, or something is missing");
        meanings.put(" 4", "refused by policy, or waiting for a restart");
        meanings.put(" 5", "rolled back");
        meanings.put("64", "bad usage");
        return meanings;
    }
}
