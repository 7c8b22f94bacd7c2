#!/usr/bin/env bash
# What is too slow or too wide for the tests. Needs root and the network that apt and Maven use here.
set -euo pipefail
self=$(realpath "$0")
repository=$(dirname "$(dirname "$self")")
here=$repository/packaging

readonly MINUTES=60

usage() {
    cat <<'USAGE'
bench.sh bare [bookworm|trixie]...   both newcomer's commands in a bare root with only git; default: both suites
bench.sh observe [MINUTES]           mode observe beside drift writes, pulls and reloads nothing; default: 60
bench.sh hostile [MINUTES]           a hostile collector changes nothing on a node; default: 10
bench.sh store [LINES] [BATCH]       what a stored log line costs and how long a search takes; default: 5000000 in
                                     batches of 200; a table, and target/bench/store/store.json
bench.sh faults [SEEDS] [FIRST]      agent and collector, killed, cut off, slow, on full disks, with damage to any state file
                                     and a jumping clock: each line is stored once; default: 1000 seeds from 1 on;
                                     'faults 1 SEED' repeats a failing one
bench.sh store-faults [SEEDS]        the store of lines under damage, restarts and a jumping clock; default: 1000 seeds
bench.sh fuzz [MINUTES] [TEST]...    Jazzer on what reads foreign bytes of logs: json-file, CRI, checkpoint, frames, segments,
                                     journal, Docker's API; says how many inputs each was given; default: 10 minutes each
bench.sh removed [CONTAINERS]        containers that were removed while the collector was down: each line is stored once;
                                     default: 200 containers of 1,000 lines
bench.sh churn [MINUTES]             100 containers a minute come and go: the agent's memory, descriptors and state each
                                     minute; default: 60
bench.sh systemd [CONTAINERS]        the signed package's and the tarball's life on machines with systemd, from installation to
                                     purge; so many containers are removed while the collector is down: default: 20
bench.sh package [CONTAINERS]        the same of a package made in haste from target/farrier.jar, on one such machine: the part of it
                                     that test.sh runs; default: 3
bench.sh footprint                   start to READY, memory, CPU and threads of the packaged agent; the package's size
bench.sh reproducible                builds the package twice from target/farrier.jar and says which of its files differ
bench.sh etcd [ROUNDS] [SECONDS]     p99 of fsync of a real etcd's WAL under load, without and with the packaged agent that
                                     ships logs from the same disk, and whether it is within 10 % (the median of all
                                     rounds); then how often the agent itself forces files to disk, for ten minutes;
                                     default: 5 rounds of 60 s each, 0 counts only; FARRIER_DEB: the package
bench.sh etcd-held [PAIRS] [SECONDS] the same, but the agent is held by SIGSTOP and let go, often and in random order: a held agent
                                     is not an absent one, but this host's minutes differ more than the two; default:
                                     40 pairs of 15 s each
bench.sh probe [SUITE]...            the probe's verdicts are dockerd's and containerd's; default: bookworm trixie
bench.sh ipv6 [SUITE]                a registry named by its IPv6 address on another generation's daemons; default: trixie
bench.sh images [ROUNDS] [ROWS]      30 images of 1.2 GB: farrier beside docker pull (1), xargs (2) and skopeo (3), as agent (4)
                                     and as command (5); default: 3 rounds, rows 2345
bench.sh images-check [REFERENCES]   how long 'farrier images check' asks a local registry; default: 700
bench.sh images-faults [RUNS] [SEED] pulls from a registry that goes wrong, seeded; default: 1000 from seed 1 on
bench.sh images-kept [SECONDS]       prune and remove images in a loop under the agent; default: 60
bench.sh images-next [SUITE]         the runtime contract on another generation's daemons; default: sid
bench.sh properties                  10,000 random nodes and configurations in memory, 200 on disk: DESIGN's laws hold
bench.sh files [trixie|sid]...       daemon.json and hosts.toml in the wild's styles, judged by another suite's daemons;
                                     default: trixie
bench.sh rounds [ROUNDS]             a container answers while registries come and go; default: 50
bench.sh orders [ORDERS]             so many 'farrier apply' at once beside the agent, its configuration cut at every byte;
                                     default: 100
bench.sh pairs [ROTATIONS] [SUITE]   no pull fails while client pairs are rotated, on docker and containerd; default: 100
                                     rotations, this machine's daemons
bench.sh plan                        CPU and writes of planning an unchanged node with 50 registries
bench.sh redaction                   CPU of hiding secrets in log lines: what shipping would cost less without it
bench.sh fleet [NODES]               so many nodes whose collector is killed: how densely they come back, at once and after 20 s;
                                     and what one that floods costs the others; default: 200; a table, and target/bench/fleet
bench.sh logs [MB] [ROUNDS] [bulk|latency|idle]...   shipping log files, beside rsyslog (and Fluent Bit, if it is on the
                                     PATH): CPU, memory, wire, latency; default: 256 MB, 3 rounds, all; a table, and
                                     target/bench/logs/logs.json

Roots are kept below FARRIER_ROOTS (default: target/roots); the rest is below target/bench.
USAGE
}

main() {
    case "${1:-}" in
        bare) shift && bare "$@" ;;
        observe) long_test ObserveIT farrier.observe.minutes "${2:-60}" ;;
        hostile) long_test HostileCollectorIT farrier.hostile.minutes "${2:-10}" ;;
        logs) shift && logs "$@" ;;
        fleet) fleet "${2:-200}" ;;
        store) store "${2:-5000000}" "${3:-200}" ;;
        faults) unit_tests LogFaultsTest "-Dfarrier.logs.seeds=${2:-1000}" "-Dfarrier.logs.first=${3:-1}" ;;
        fuzz) shift && fuzz "$@" ;;
        store-faults) unit_tests StoreFaultsTest "-Dfarrier.store.seeds=${2:-1000}" ;;
        removed) long_test RemovedContainersIT farrier.containers "${2:-200}" ;;
        churn) long_test ChurnCampaign farrier.churn.minutes "${2:-60}" ;;
        systemd) containers=${2:-20} && systemd ;;
        package) containers=${2:-3} && package_in_haste ;;
        footprint) footprint_of_package ;;
        reproducible) reproducible ;;
        etcd)
            etcd_beside_agent etcd_in_rounds "${2:-5}" "${3:-60}"
            etcd_verdict "${2:-5}"
            ;;
        etcd-held)
            etcd_beside_agent etcd_held_in_turns "${2:-40}" "${3:-15}"
            etcd_verdict "${2:-40}"
            ;;
        ipv6) long_test Ipv6IT farrier.suite "${2:-trixie}" ;;
        images) images "${2:-3}" "${3:-2345}" ;;
        images-check) long_test ForecastBenchIT farrier.forecast.references "${2:-700}" ;;
        images-faults) real_test ImageFaultsIT "-Dfarrier.faults.runs=${2:-1000}" "-Dfarrier.faults.first=${3:-1}" ;;
        images-kept) long_test ImagesKeptIT farrier.kept.seconds "${2:-60}" ;;
        images-next) long_test NextGenerationIT farrier.suite "${2:-sid}" ;;
        probe) shift && probe "$@" ;;
        properties) unit_tests 'io.farrier.keep.**.*PropertyTest' -Dfarrier.trials=10000 -Dfarrier.disk.trials=200 ;;
        files) shift && files "$@" ;;
        rounds) real_test KeepsAnsweringIT "-Dfarrier.rounds=${2:-50}" ;;
        orders) real_test BrakesIT "-Dfarrier.orders=${2:-100}" -Dfarrier.cut.every=1 ;;
        pairs) real_test ClientPairIT "-Dfarrier.rotations=${2:-100}" "-Dfarrier.suite=${3:-host}" ;;
        plan) benchmark PlanBenchmarks ;;
        redaction) benchmark RedactorBenchmarks ;;
        # Not for people: pid 1 of the bare root.
        __bare) inside "$2" ;;
        '' | -h | --help) usage ;;
        *) echo "bench.sh: '$1' is not available yet" >&2 && exit 1 ;;
    esac
}

die() {
    echo "bench.sh: $*" >&2
    exit 1
}

# ---- tests of test.sh, for as long as the requirement says ---------------------------------------------------------------

long_test() {
    local test=$1 property=$2 value=$3
    real_test "$test" "-D$property=$value"
}

real_test() {
    local test=$1
    shift
    "$here/install-tools" build node test
    cd "$repository"
    JAVA_HOME=$("$here/install-tools" --java-home) mvn -B --no-transfer-progress verify "-Dit.test=$test" "$@" \
        -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false </dev/null
}

# One after the other, each in fuzzing mode; what Jazzer finds it keeps beside the test's other inputs.
fuzz() {
    local minutes=${1:-10} test
    (($# == 0)) || shift
    (($# > 0)) || set -- FrameFuzzTest CheckpointFuzzTest LineFuzzTest FileLinesFuzzTest SegmentFuzzTest ExportFuzzTest DockerStreamFuzzTest
    "$here/install-tools" build test
    cd "$repository"
    JAVA_HOME=$("$here/install-tools" --java-home)
    export JAVA_HOME JAZZER_FUZZ=1
    for test in "$@"; do
        mkdir -p target
        rm -f target/surefire-reports/*.dumpstream
        mvn -B -q --no-transfer-progress -Dfast test "-Dtest=$test" "-Djazzer.max_duration=${minutes}m" </dev/null 2>&1 |
            tee target/fuzz.out
        # Some Mavens take what the fuzzer itself prints for noise and put it aside.
        cat target/surefire-reports/*.dumpstream 2>/dev/null >>target/fuzz.out || true
        grep -ohE 'Done [0-9]+ runs in [0-9]+ second' target/fuzz.out | sed "s/^/$test: /" ||
            die "$test was run, but not fuzzed: nothing that it printed says how often"
    done
}

logs() {
    local work=$repository/target/bench/logs megabytes=${1:-256} rounds=${2:-3}
    (($# < 2)) || shift
    (($# == 0)) || shift
    "$here/install-tools" build bench
    cd "$repository"
    JAVA_HOME=$("$here/install-tools" --java-home)
    export JAVA_HOME
    mvn -B -q --no-transfer-progress -Dfast -DskipTests package </dev/null
    rm -rf "$work"
    mkdir -p "$work"
    # The packaged options, without the paths of the package.
    cat "$here/deb/jvm.options" "$here/deb/agent.options" | grep -vE '/usr/lib/farrier|ErrorFile|jna\.nounpack|sqlite' >"$work/agent.options"
    "$JAVA_HOME/bin/java" -Xmx512m -XX:+UseSerialGC -cp target/test-classes:target/farrier.jar \
        io.farrier.agent.LogsBench "$work" "$work/agent.options" "$megabytes" "$rounds" "$@"
    rm -rf "$work/pool" "$work/node" "$work/work"
}

# As the packaged agent runs: compiled once and simply, one thread that collects garbage.
images() {
    JAVA_TOOL_OPTIONS=$(grep -hE 'TieredStopAtLevel|UseSerialGC' "$here"/deb/{jvm,agent}.options | xargs)
    export JAVA_TOOL_OPTIONS
    real_test ImagePullBenchIT "-Dfarrier.images.rounds=$1" "-Dfarrier.images.rows=$2"
}

# The nodes' disks are in memory: two hundred of them on the collector's own would be what is measured.
fleet() {
    disks=$(mktemp -d -p /dev/shm)
    trap 'rm -rf --one-file-system "$disks"' EXIT
    real_test ManyNodesIT "-Dfarrier.fleet.nodes=$1" -Dfarrier.fleet.outages=0,20 -Dfarrier.fleet.flood=30 \
        "-Dfarrier.fleet.disks=$disks"
}

store() {
    local work=$repository/target/bench/store
    "$here/install-tools" build
    cd "$repository"
    JAVA_HOME=$("$here/install-tools" --java-home)
    export JAVA_HOME
    mvn -B -q --no-transfer-progress -Dfast -DskipTests package </dev/null
    rm -rf "$work"
    mkdir -p "$work"
    "$JAVA_HOME/bin/java" -Xmx512m -XX:+UseSerialGC -cp target/test-classes:target/farrier.jar \
        io.farrier.collector.store.StoreBench "$work" "$1" "$2"
    rm -rf "$work/lines" "$work"/rows.db*
}

# ---- the package -----------------------------------------------------------------------------------------------------------

systemd() {
    "$here/install-tools" build package bench
    cd "$repository"
    export JAVA_HOME
    JAVA_HOME=$("$here/install-tools" --java-home)
    mvn -B --no-transfer-progress -DskipTests package </dev/null
    rm -rf --one-file-system target/deb/one target/deb/next*
    signed_release target/deb/one
    newer target/deb/one/*.deb target/deb/next
    campaign target/deb/one/*.deb target/deb/next.deb target/deb/one/*.tar.xz
}

# As a release is made: checked by lintian, and each file signed by a key whose other half is all that a verifier has.
signed_release() {
    local into=$1 key
    key=$(mktemp -d)
    openssl ecparam -genkey -name prime256v1 -noout -out "$key/release.key"
    openssl pkey -in "$key/release.key" -pubout -out "$key/release.pub"
    packaging/deb/build.sh --sign "$key/release.key" --into "$into"
    verify_release "$into" "$key/release.pub"
    rm -r "$key"
}

# The package, the tarball, what is in them, and the sums of all: each is what the key signed, and nothing else is.
verify_release() {
    local into=$1 public=$2 file count=0
    for file in "$into"/farrier* "$into/SHA256SUMS"; do
        [[ $file != *.sig ]] || continue
        openssl dgst -sha256 -verify "$public" -signature "$file.sig" "$file" >/dev/null || die "$file.sig does not sign $file"
        ! openssl dgst -sha256 -verify "$public" -signature "$file.sig" "$self" >/dev/null 2>&1 || die "$file.sig signs anything"
        count=$((count + 1))
    done
    ((count == 4)) || die "$count files are signed in $into, not 4"
    (cd "$into" && sha256sum --check --quiet SHA256SUMS)
}

# A package, a newer one, a tarball.
campaign() {
    mvn -B --no-transfer-progress test-compile failsafe:integration-test failsafe:verify \
        '-Dit.test=SystemdNodeCampaign,TroubledNodeCampaign,TarballCampaign,CloudInitCampaign' "-Dfarrier.containers=$containers" \
        "-Dfarrier.deb=$(realpath "$1")" "-Dfarrier.deb.next=$(realpath "$2")" "-Dfarrier.tarball=$(realpath "$3")" </dev/null
}

# After 'mvn verify', whose classes it takes as they are.
package_in_haste() {
    local dir=target/deb/haste
    "$here/install-tools" build package bench
    cd "$repository"
    export JAVA_HOME
    JAVA_HOME=$("$here/install-tools" --java-home)
    rm -rf --one-file-system "$dir"
    packaging/deb/build.sh --fast --into "$dir/one"
    newer "$dir/one"/*.deb "$dir/next"
    mvn -B --no-transfer-progress -Dfast failsafe:integration-test failsafe:verify -Dit.test=SystemdNodeCampaign \
        "-Dfarrier.containers=$containers" "-Dfarrier.deb=$(realpath "$dir/one"/*.deb)" \
        "-Dfarrier.deb.next=$(realpath "$dir/next.deb")" </dev/null
}

# The same package under a later version, which is all that dpkg has to see.
newer() {
    local package=$1 tree=$2
    dpkg-deb --raw-extract "$package" "$tree"
    sed -i 's/^Version: .*/Version: 0.1.1/' "$tree/DEBIAN/control"
    dpkg-deb --root-owner-group -Zzstd -z1 --build "$tree" "$tree.deb" >/dev/null
    rm -rf --one-file-system "$tree"
}

readonly CONTAINERS=30 STARTS=5 IDLE_SECONDS=60

# Measured on a machine with systemd, of the package as it is installed there. FARRIER_DEB names one that is built already.
footprint_of_package() {
    local deb=${FARRIER_DEB:-} dir=$repository/target/bench/footprint
    "$here/install-tools" build package bench
    if [[ -z $deb ]]; then
        [[ -f $repository/target/farrier.jar ]] || die "target/farrier.jar is missing: run 'mvn package' first"
        deb=$("$here/deb/build.sh" --no-tarball --into "$repository/target/deb/bench" | tail -n 1)
    fi
    mkdir -p "$dir"
    coproc machine { exec "$here/systemd-node" up "$dir" 2>&1; }
    local machine_pid=$! out=${machine[0]} line
    while IFS= read -r line <&"$out" && [[ $line != READY ]]; do [[ $line != systemd-node:* ]] || echo "$line" >&2; done
    [[ ${line:-} == READY ]] || die "the machine did not come up"
    # Through a pipe: its disk is its own.
    "$here/systemd-node" exec "$dir" -- sh -c 'cat >/var/tmp/farrier.deb' <"$deb"
    "$here/systemd-node" exec "$dir" -- bash -euo pipefail -c "$(declare -f measure milliseconds_to_ready median ship_logs); measure $CONTAINERS $STARTS $IDLE_SECONDS"
    printf '%-34s %8s\n' 'package' "$(awk -v bytes="$(stat -c %s "$deb")" 'BEGIN { printf "%.1f MB", bytes / 1e6 }')"
    # It ends with its stdin.
    local in=${machine[1]}
    exec {in}>&-
    wait "$machine_pid" || true
}

# Fails when another file differs than the one that may (install.md says why), and its size and checksum in the control files.
reproducible() {
    local dir=$repository/target/bench/reproducible build differing
    [[ -f $repository/target/farrier.jar ]] || die "target/farrier.jar is missing: run 'mvn package' first"
    rm -rf --one-file-system "$dir"
    for build in one two; do
        "$here/deb/build.sh" --fast --into "$dir/$build" >/dev/null
        # With its control files; owners, modes and times are what tar says of them.
        dpkg-deb --raw-extract "$dir/$build"/*.deb "$dir/$build/tree"
        dpkg-deb --fsys-tarfile "$dir/$build"/*.deb | tar -tv | LC_ALL=C sort >"$dir/$build/listing"
    done
    differing=$({
        diff -rq --no-dereference "$dir/one/tree" "$dir/two/tree" | sed -n "s|^Files $dir/one/tree/\(.*\) and .* differ\$|\1|p; /^Only in/p"
        cmp -s "$dir"/{one,two}/*.sbom.json || echo 'the bill of materials'
    }) || true
    echo "$(find "$dir/one/tree" -type f | wc -l) files; these differ: $(paste -sd, <<<"${differing:-none}" | sed 's/,/, /g')"
    [[ -z $(grep -vxF -e usr/lib/farrier/farrier.jsa -e DEBIAN/control -e DEBIAN/md5sums <<<"$differing") ]]
}

# A machine whose disk is this folder's, with the collector on this host and its state in memory, as if it were elsewhere; and there
# the function that measures, with its arguments.
etcd_beside_agent() {
    local dir=$repository/target/bench/etcd state line
    "$here/install-tools" build bench
    command -v etcd >/dev/null || die "etcd is missing: apt-get install etcd-server"
    [[ -f ${FARRIER_DEB:?names the package to measure} ]] || die "$FARRIER_DEB is missing"
    mkdir -p "$dir"
    rm -rf --one-file-system "$dir"/etcd*
    state=$(mktemp -d /dev/shm/farrier-etcd.XXXXXX)
    coproc machine { exec "$here/systemd-node" up "$dir/node" --disks one 2>&1; }
    local machine_pid=$! out=${machine[0]} in=${machine[1]}
    # shellcheck disable=SC2064  # now: at the exit the names are gone
    trap "end_etcd_and_collector; rm -rf '$state'" EXIT
    start_tracing "$state/tracing"
    keep_processors_awake
    while IFS= read -r line <&"$out" && [[ $line != READY ]]; do :; done
    [[ ${line:-} == READY ]] || die "the machine did not come up"
    "$here/systemd-node" exec "$dir/node" -- sh -c 'cat >/var/tmp/farrier.deb' <"$FARRIER_DEB"
    start_etcd "$dir/etcd"
    start_collector "$dir" "$state" "$(sed -n 's/^host=//p' "$dir/node/node.env")"
    tar -C "$state" -c agent.token ca.crt | "$here/systemd-node" exec "$dir/node" -- bash -euc "$(declare -f busy_node chatter); busy_node $(sed -n 's/^host=//p' "$dir/node/node.env")"
    "$@"
    end_etcd_and_collector
    exec {in}>&-
    wait "$machine_pid" || true
}

agent_on_node() {
    "$here/systemd-node" exec "$dir/node" -- systemctl "$@" farrier
}

warm_agent_on_node() {
    agent_on_node "$1"
    sleep "$WARM_UP_SECONDS"
}

# Without and with the agent, in turns, so that a disk that becomes slower or faster meanwhile favours neither.
etcd_in_rounds() {
    local rounds=$1 seconds=$2 round half agent minute fsyncs=()
    for ((round = 1; round <= rounds; round++)); do
        for half in $( ((round % 2)) && echo without with || echo with without); do
            if [[ $half == with ]]; then
                warm_agent_on_node start
            else
                agent_on_node stop
                sleep "$SETTLE_SECONDS"
            fi
            wal_fsyncs "$seconds" >"$dir/etcd.$half.$round"
            percentiles "round $round, $half the agent" <"$dir/etcd.$half.$round"
        done
    done
    agent_on_node restart
    sleep "$SETTLE_SECONDS"
    agent=$(pid_of_agent "$(agent_on_node show --property=MainPID --value)")
    # Long enough for a rotation of all logs; and a container a minute comes and goes.
    for ((minute = 1; minute <= FSYNC_MINUTES; minute++)); do
        trace_fsyncs "$agent"
        "$here/systemd-node" exec "$dir/node" -- docker run --rm --network none practice/local:1 sh -c 'echo a line' >/dev/null
        sleep 60
        fsyncs+=("$(traced_fsyncs | wc -l)")
    done
    echo "fsyncs of the agent itself, minute by minute: ${fsyncs[*]}"
}

# All processes of the service held by a signal and let go, too often for a host that changes from minute to minute to favour either,
# and in an order that nothing periodic has.
etcd_held_in_turns() {
    local pairs=$1 seconds=$2 pair half
    warm_agent_on_node restart
    for ((pair = 1; pair <= pairs; pair++)); do
        for half in $( ((RANDOM % 2)) && echo without with || echo with without); do
            agent_on_node kill --signal="$([[ $half == with ]] && echo CONT || echo STOP)"
            sleep 3
            wal_fsyncs "$seconds" >"$dir/etcd.$half.$pair"
        done
    done
}

# SAFETY 23 wants a WAL's p99 within 10 %. A single pair says little; all of them together say more, unless the disk changes meanwhile.
etcd_verdict() {
    local pairs=$1 dir=$repository/target/bench/etcd pair half
    ((pairs)) || return 0 # only the agent's own fsyncs were wanted
    for half in without with; do
        cat "$dir/etcd.$half".* | percentiles "all, $half the agent"
    done
    for ((pair = 1; pair <= pairs; pair++)); do
        echo "$(p99_of "$dir/etcd.without.$pair") $(p99_of "$dir/etcd.with.$pair")"
    done | awk '{ printf "%.4f\n", $2 / $1 }' | sort -n | awk -v load="$(cut -d ' ' -f 1 /proc/loadavg)" -v cores="$(nproc)" '
        { all[NR] = $1 }
        END {
            middle = (all[int((NR + 1) / 2)] + all[int(NR / 2) + 1]) / 2
            printf "with the agent: %+.1f %% (median of %d pairs, %+.1f to %+.1f %%; load %s on %d cores): %s\n",
                100 * middle - 100, NR, 100 * all[1] - 100, 100 * all[NR] - 100, load, cores,
                middle <= 1.1 ? "within 10 %" : "NOT within 10 %"
            exit middle > 1.1
        }'
}

p99_of() {
    percentiles '' <"$1" | awk '{ print $1 }'
}

# How long a sleeping one of a virtual machine takes to wake depends on what its host has seen it do lately: the median of one and
# the same half was 0.2 ms in one minute and 0.3 in the next. As long as this script has the file open they poll instead.
keep_processors_awake() {
    exec {awake}<>/dev/cpu_dma_latency
    printf '\0\0\0\0' >&"$awake"
}

# The process of that number in the machine.
pid_of_agent() {
    awk -v number="$1" '
        FNR == 1 { name = $2 }
        /^NSpid:/ && NF > 2 && $NF == number && name == "java" { split(FILENAME, path, "/"); print path[3] }' /proc/[0-9]*/status 2>/dev/null || true # some end meanwhile
}

# The kernel's own record: a tracer that stops the process at each call adds its own waiting for a processor.
start_tracing() {
    tracing=$1
    mkdir -p "$tracing"
    mount -t tracefs farrier-bench "$tracing"
    trace=$tracing/instances/farrier-bench
    mkdir -p "$trace"
    local event
    for event in sys_enter_fsync sys_exit_fsync sys_enter_fdatasync sys_exit_fdatasync; do
        echo 1 >"$trace/events/syscalls/$event/enable"
    done
    echo mono >"$trace/trace_clock"
    echo 4096 >"$trace/buffer_size_kb"
    echo 1 >"$trace/options/event-fork"
}

# From now on, those of all threads of a process.
trace_fsyncs() {
    local task
    : >"$trace/set_event_pid"
    for task in "/proc/$1/task/"*; do
        echo "${task##*/}" >>"$trace/set_event_pid"
    done
    : >"$trace/trace"
}

# A line for each that ended: its file descriptor and its milliseconds.
traced_fsyncs() {
    awk '
        /sys_f(data)?sync\(fd: / { fd[$1] = $NF; at[$1] = time() }
        /sys_f(data)?sync -> / && $1 in fd { printf "%d %.3f\n", hex(fd[$1]), 1000 * (time() - at[$1]); delete fd[$1] }
        function time() { match($0, / [0-9]+\.[0-9]+: /); return substr($0, RSTART + 1, RLENGTH - 3) }
        function hex(text, digits, i, value) {
            digits = tolower(text)
            gsub(/[^0-9a-f]/, "", digits)
            for (i = 1; i <= length(digits); i++) value = 16 * value + index("0123456789abcdef", substr(digits, i, 1)) - 1
            return value
        }' "$trace/trace"
}

readonly ETCD=http://127.0.0.1:23790 PUTS_A_SECOND=100 FSYNC_MINUTES=10
# Until what a start or a stop leaves to be written is on disk, and until a started agent's code is compiled: in its second minute it
# takes twice the processor of later ones.
readonly SETTLE_SECONDS=40 WARM_UP_SECONDS=150
etcd_pid='' collector_pid='' tracing='' trace=''

# Also when something before went wrong.
end_etcd_and_collector() {
    local pid
    for pid in $etcd_pid $collector_pid; do
        kill "$pid" 2>/dev/null || true
    done
    for pid in $etcd_pid $collector_pid; do
        wait "$pid" || true
    done
    [[ -z $trace ]] || rmdir "$trace" || true
    [[ -z $tracing ]] || umount "$tracing" || true
    etcd_pid='' collector_pid='' tracing='' trace=''
}

start_etcd() {
    etcd --data-dir "$1" --listen-client-urls "$ETCD" --advertise-client-urls "$ETCD" --listen-peer-urls http://127.0.0.1:23800 \
        >"$1.log" 2>&1 </dev/null &
    etcd_pid=$!
    local try
    for try in {1..100}; do
        ! curl -sf "$ETCD/health" >/dev/null || return 0
        sleep 0.1
    done
    die "etcd did not come up; $1.log says: $(tail -n 2 "$1.log")"
}

# Its configuration is not below /dev/shm: others than root may write there.
start_collector() {
    local config=$1/collector.yaml state=$2
    printf 'listen: 0.0.0.0:18471\nnames: [%s]\nstate_dir: %s\n' "$3" "$state" >"$config"
    # Elsewhere it would take no processor from etcd.
    chrt --idle 0 "$("$here/install-tools" --java-home)/bin/java" -XX:TieredStopAtLevel=1 -jar "$repository/target/farrier.jar" \
        collector --config "$config" >"$state/log" 2>&1 </dev/null &
    collector_pid=$!
    local try
    for try in {1..300}; do
        ! curl -skf https://127.0.0.1:18471/healthz >/dev/null || return 0
        sleep 0.1
    done
    die "the collector did not come up: $(tail -n 2 "$state/log")"
}

# Runs on the machine: 10 containers that write 100 lines a second together, with Docker's own rotation; a unit and a container
# whose driver leaves no file, both of whose lines the agent has to copy and commit.
busy_node() {
    local n driver
    dpkg -i /var/tmp/farrier.deb >/dev/null 2>&1
    mkdir -p /etc/farrier/secrets /etc/farrier/certs /var/lib/etcd/member # by which it knows a node with etcd
    tar -C /etc/farrier/secrets -x
    mv /etc/farrier/secrets/ca.crt /etc/farrier/certs/collector-ca.crt
    printf 'mode: keep\nlogs: {include: ["*"], units: [chatty.service]}\nchanges: {spread: none}\ncollector: {url: "wss://%s:18471/feed", ca: certs/collector-ca.crt, token_file: secrets/agent.token}\n' "$1" >/etc/farrier/farrier.yaml
    for n in {1..11}; do
        mkdir -p "/run/chatter/$n"
        mkfifo "/run/chatter/$n/lines"
        driver=(--log-opt max-size=1m --log-opt max-file=2)
        ((n <= 10)) || driver=(--log-driver local)
        docker run -d --network none -v "/run/chatter/$n:/chatter" "${driver[@]}" practice/local:1 sh -c 'cat /chatter/lines' >/dev/null
    done
    mkfifo /run/chatter/pause
    printf '%s\n' "$(declare -f chatter)" chatter >/run/chatter/unit
    systemd-run --quiet --unit=chatty bash /run/chatter/unit
}

# The unit, which also gives the containers their lines, one after the other. It starts no process: shells that start 'sleep' all
# the time took more processor than Docker and the agent together.
chatter() {
    local lines='' n fd pause all=(1)
    for n in {1..5}; do
        lines+=$'a line of some hundred characters, as a component of Kubernetes writes it ten times in a second, and more\n'
    done
    for n in /run/chatter/*/lines; do
        exec {fd}<>"$n"
        all+=("$fd")
    done
    exec {pause}<>/run/chatter/pause
    while true; do
        for fd in "${all[@]}"; do
            printf %s "$lines" >&"$fd"
            read -rt 0.041 -u "$pause" || true
        done
    done
}

# Milliseconds of each fsync of the WAL while there are writes of 1 KiB, so many a second, as an API server's; what is busy is
# etcd and not what makes its load. etcd's own histogram does not tell below a millisecond.
wal_fsyncs() {
    local seconds=$1 value logs
    value=$(head -c 768 /dev/urandom | base64 -w 0)
    trace_fsyncs "$etcd_pid"
    curl -sf --rate "$PUTS_A_SECOND/s" -o /dev/null -d "{\"key\":\"a2V5\",\"value\":\"$value\"}" \
        "$ETCD/v3/kv/put#[1-$((seconds * PUTS_A_SECOND))]"
    logs=$(find "/proc/$etcd_pid/fd" -lname '*.wal' -printf '%f ')
    traced_fsyncs | awk -v logs=" $logs" 'index(logs, " " $1 " ") { print $2 }'
}

percentiles() {
    sort -n | awk -v what="$1" '
        { sum += $1; all[NR] = $1 }
        END {
            printf "%-26s %8.3f ms p99, %.3f p50, %.3f mean of %d fsyncs\n",
                what, all[int(NR * 0.99)], all[int(NR * 0.5)], sum / NR, NR
        }'
}

# Runs on the machine.
measure() {
    local containers=$1 starts=$2 seconds=$3 n pid before after
    dpkg -i /var/tmp/farrier.deb >/dev/null 2>&1
    for ((n = 0; n < containers; n++)); do docker run -d --network none practice/local:1 sleep 100000 >/dev/null; done
    printf '%-34s %8s\n' "start to READY, median of $starts" "$(for ((n = 0; n < starts; n++)); do milliseconds_to_ready; done | median) ms"
    # Beyond the start's own work, and until no container is younger than two minutes: those are looked at more closely.
    sleep 120
    pid=$(systemctl show --property=MainPID --value farrier)
    before=$(awk '{ print $14 + $15 }' "/proc/$pid/stat")
    sleep "$seconds"
    after=$(awk '{ print $14 + $15 }' "/proc/$pid/stat")
    printf '%-34s %8s\n' "CPU idle, $containers containers" \
        "$(awk -v ticks=$((after - before)) -v hz="$(getconf CLK_TCK)" -v s="$seconds" 'BEGIN { printf "%.2f %%", 100 * ticks / hz / s }')" \
        "PSS idle, $containers containers" "$(awk '/^Pss:/ { printf "%.0f MB", $2 * 1024 / 1e6 }' "/proc/$pid/smaps_rollup")" \
        "RSS idle, $containers containers" "$(awk '/^Rss:/ { printf "%.0f MB", $2 * 1024 / 1e6 }' "/proc/$pid/smaps_rollup")" \
        threads "$(find "/proc/$pid/task" -mindepth 1 -maxdepth 1 | wc -l)"
    ship_logs
    sleep 20
    pid=$(systemctl show --property=MainPID --value farrier)
    before=$(awk '{ print $14 + $15 }' "/proc/$pid/stat")
    sleep "$seconds"
    after=$(awk '{ print $14 + $15 }' "/proc/$pid/stat")
    printf '%-34s %8s\n' 'CPU at 500 KiB/s of logs' \
        "$(awk -v ticks=$((after - before)) -v hz="$(getconf CLK_TCK)" -v s="$seconds" 'BEGIN { printf "%.2f %%", 100 * ticks / hz / s }')" \
        'RSS at 500 KiB/s of logs' "$(awk '/^Rss:/ { printf "%.0f MB", $2 * 1024 / 1e6 }' "/proc/$pid/smaps_rollup")" \
        'PSS at 500 KiB/s of logs' "$(awk '/^Pss:/ { printf "%.0f MB", $2 * 1024 / 1e6 }' "/proc/$pid/smaps_rollup")" \
        'its most since its start (RSS)' "$(awk '/^VmHWM:/ { printf "%.0f MB", $2 * 1024 / 1e6 }' "/proc/$pid/status")"
}

# Runs on the machine: 512 lines of 1000 bytes a second from one container, whose log Docker rotates at 1 MB, to a collector
# on the same machine.
ship_logs() {
    local line
    systemctl start farrier-collector
    install -m 600 /var/lib/farrier-collector/agent.token /etc/farrier/secrets/token
    cp /var/lib/farrier-collector/ca.crt /etc/farrier/certs/collector-ca.crt
    printf 'mode: keep\nlogs: {include: [noisy]}\nchanges: {spread: none}\ncollector: {url: "wss://localhost:8470/feed", ca: certs/collector-ca.crt, token_file: secrets/token}\n' >/etc/farrier/farrier.yaml
    line=$(head -c 700 /dev/urandom | base64 -w 0)
    docker run -d --network none --name noisy --log-opt max-size=1m --log-opt max-file=2 practice/local:1 sh -c "
        while true; do for n in \$(seq 51); do echo '$line'; done; sleep 0.1; done" >/dev/null
    systemctl restart farrier
}

milliseconds_to_ready() {
    local begun ready
    systemctl restart farrier
    begun=$(systemctl show --property=ExecMainStartTimestampMonotonic --value farrier)
    ready=$(systemctl show --property=ActiveEnterTimestampMonotonic --value farrier)
    echo $(((ready - begun) / 1000))
}

median() { sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }

unit_tests() {
    local tests=$1
    shift
    "$here/install-tools" build test
    cd "$repository"
    JAVA_HOME=$("$here/install-tools" --java-home) mvn -B --no-transfer-progress test "-Dtest=$tests" "$@" </dev/null
}

benchmark() {
    local java_home
    "$here/install-tools" build test
    cd "$repository"
    java_home=$("$here/install-tools" --java-home)
    JAVA_HOME=$java_home mvn -B -q --no-transfer-progress test-compile \
        org.apache.maven.plugins:maven-dependency-plugin:3.9.0:build-classpath \
        -Dmdep.outputFile=target/test.classpath -Dmdep.includeScope=test </dev/null
    "$java_home/bin/java" -cp "target/test-classes:target/classes:$(<target/test.classpath)" org.openjdk.jmh.Main "$1"
}

files() {
    (($# > 0)) || set -- trixie
    local suite
    for suite in "$@"; do real_test 'DaemonJsonStylesIT,HostsTomlStylesIT' "-Dfarrier.suite=$suite"; done
}

probe() {
    (($# > 0)) || set -- bookworm trixie
    long_test ProbeCorpusIT farrier.suites "$(IFS=, && echo "$*")"
}

# ---- bare ------------------------------------------------------------------------------------------------------------------

bare() {
    ((EUID == 0)) || die "needs root: it makes root trees and namespaces"
    (($# > 0)) || set -- bookworm trixie
    "$here/install-tools" bench
    local suite
    for suite in "$@"; do bare_suite "$suite"; done
}

# Pid 1 of the bare root ends at its stdin's end, and we hold that: our end, however it comes, is the end of everything in it.
bare_suite() {
    local suite=$1 work=$repository/target/bench/$1 kept status=0
    kept=$("$here/debian-root" "$suite" ca-certificates git)
    rm -rf --one-file-system "$work"
    mkdir -p "$work"
    echo "bench.sh: $suite: copying the root, cloning $(git -C "$repository" log -1 --format='%h %s')"
    cp -a "$kept" "$work/root"
    git -c safe.directory='*' clone -q --no-hardlinks "$repository" "$work/root/root/farrier"
    lend_network "$work/root"

    coproc machine { exec timeout --kill-after=30 "${MINUTES}m" unshare --mount --uts --pid --fork --kill-child=KILL \
        --propagation private "$self" __bare "$work/root" 2>&1; }
    local pid=$! out=${machine[0]} line
    while IFS= read -r line <&"$out"; do echo "$suite| $line"; done
    wait "$pid" || status=$?
    ((status == 0)) || die "$suite: failed with $status; the tree is in $work/root"
    rm -rf --one-file-system "$work"
    echo "bench.sh: $suite: both commands passed, and a second try left nothing"
}

# How this machine reaches apt and Maven Central, as far as that is not the address itself.
lend_network() {
    local root=$1
    cp -L /etc/resolv.conf "$root/etc/resolv.conf"
    echo "127.0.0.1 localhost" >"$root/etc/hosts"
    apt-config dump | grep -E '^Acquire::(https?::|Check-|Retries)' >"$root/etc/apt/apt.conf.d/90bench" || true
    mkdir -p "$root/usr/local/share/ca-certificates" "$root/root/.m2"
    cp -r /usr/local/share/ca-certificates/. "$root/usr/local/share/ca-certificates/"
    [[ ! -e ~/.m2/settings.xml ]] || cp ~/.m2/settings.xml "$root/root/.m2/"
}

inside() {
    local root=$1 name
    mount --bind "$root" "$root"
    mount -t proc proc "$root/proc"
    for name in sys dev; do mount --rbind "/$name" "$root/$name"; done
    # Whoever made us is gone: pid 1 ends, the kernel ends the rest.
    { while IFS= read -r _; do :; done; kill -KILL -1; } <&0 &
    exec </dev/null
    # Not chroot alone: what joins a container's mount namespace from a chroot (docker exec, a health check) finds itself in
    # the machine's root, not in the container's.
    cd "$root"
    pivot_root . .
    umount --lazy .
    # shellcheck disable=SC2016
    exec chroot . env -i HOME=/root LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin \
        ${http_proxy:+"http_proxy=$http_proxy"} ${https_proxy:+"https_proxy=$https_proxy"} ${MAVEN_OPTS:+"MAVEN_OPTS=$MAVEN_OPTS"} \
        bash -euo pipefail -c "$(declare -f newcomer footprint node_is_gone); newcomer"
}

# Runs in the bare root.
newcomer() {
    cd /root/farrier
    update-ca-certificates >/dev/null 2>&1
    echo "== packaging/try.sh --once"
    SECONDS=0
    packaging/try.sh --once </dev/null
    echo "== the first packaging/try.sh took $SECONDS s; again, to see what it leaves"
    local before words
    before=$(footprint)
    words=$(packaging/try.sh --once </dev/null 2>&1) || { echo "$words" && exit 1; }
    diff <(echo "$before") <(footprint) || { echo "packaging/try.sh left something" && exit 1; }
    node_is_gone target/try/node/node.env
    echo "== packaging/test.sh"
    SECONDS=0
    CI=true .ci/run </dev/null
    echo "== packaging/test.sh took $SECONDS s"
}

# What must be the same after as before: files outside the work directory, mounts, processes.
footprint() {
    find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /root/farrier/target -o -path /root/.m2 \) \
        -prune -o -type f -printf '%p %s %T@\n' -o -printf '%p %y\n' | sort
    cut -d ' ' -f 5- /proc/self/mountinfo
    cat /proc/[0-9]*/comm 2>/dev/null | sort | grep -vxE 'find|sort|cat|cut|diff|bash|grep|ls' || true
}

# Links and cgroups are the machine's: others may come and go meanwhile, so only this node's names count.
node_is_gone() {
    local link cgroup left
    link=$(sed -n 's/^link=//p' "$1")
    cgroup=$(sed -n 's/^cgroup=//p' "$1")
    left=$(find /sys/class/net -name "$link" && find /sys/fs/cgroup -path "*$cgroup")
    [[ -z $left ]] || { echo "packaging/try.sh left $left" && exit 1; }
}

main "$@"
