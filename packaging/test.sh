#!/usr/bin/env bash
# Installs what is missing and runs all tests: unit, integration against practice nodes of real parts, and the package's life on
# a machine with systemd. Needs root.
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/.."

# Budget on two cores: 4 minutes to build and for units, 15 for real parts, 5 for the machine with systemd; the rest is for a first
# download, and for a machine that others use too.
readonly MINUTES=45 PACKAGE_MINUTES=20
readonly LOG=target/test.log

main() {
    ((EUID == 0)) || die "needs root: the tests start real daemons in namespaces of their own"
    packaging/install-tools build node test package
    JAVA_HOME=$(packaging/install-tools --java-home)
    export JAVA_HOME PATH=$JAVA_HOME/bin:$PATH
    mkdir -p target
    # Of an earlier run.
    rm -rf target/surefire-reports target/failsafe-reports

    local status=0
    timeout --kill-after=30 "${MINUTES}m" mvn -B --no-transfer-progress verify </dev/null 2>&1 | tee "$LOG" || status=$?
    if ((status == 0)); then
        timeout --kill-after=30 "${PACKAGE_MINUTES}m" packaging/bench.sh package 2>&1 | tee -a "$LOG" || status=$?
    fi
    seconds_per_class
    local units integration
    units=$(summary target/surefire-reports)
    integration=$(summary target/failsafe-reports)
    echo "$units (unit)"
    echo "$integration (integration)"

    ((status != 124)) || die "stopped after $MINUTES minutes, or $PACKAGE_MINUTES for the package"
    ((status == 0)) || die "a build or a test failed; its words are in $LOG"
    assert_good "$units" unit
    assert_good "$integration" integration
}

die() {
    echo "test.sh: $*" >&2
    exit 1
}

# The root element of each report is a line of its own.
suites() { find "$@" -name 'TEST-*.xml' -exec grep -h '^<testsuite ' {} + 2>/dev/null || true; }

seconds_per_class() {
    echo
    echo "Seconds per class:"
    suites target/surefire-reports target/failsafe-reports |
        sed -n 's/.* name="\([^"]*\)" time="\([0-9.,]*\)".*/\2 \1/p' | tr -d , | sort -rn |
        awk '{ printf "%9.1f  %s\n", $1, $2; all += $1 } END { printf "%9.1f  all\n\n", all }'
}

summary() {
    suites "$1" |
        sed -n 's/.* tests="\([0-9]*\)" errors="\([0-9]*\)" skipped="\([0-9]*\)" failures="\([0-9]*\)".*/\1 \4 \2 \3/p' |
        awk '{ run += $1; failures += $2; errors += $3; skipped += $4 }
            END { printf "Tests run: %d, Failures: %d, Errors: %d, Skipped: %d", run, failures, errors, skipped }'
}

assert_good() {
    [[ $1 != "Tests run: 0,"* ]] || die "no $2 test ran"
    [[ $1 == *"Failures: 0, Errors: 0,"* ]] || die "some $2 tests failed"
}

main "$@"
