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
bench.sh probe [SUITE]...            the probe's verdicts are dockerd's and containerd's; default: bookworm trixie
bench.sh images [ROUNDS]             30 images: farrier beside docker pull, xargs and skopeo; default: 3
bench.sh images-faults [RUNS]        pulls from a registry that goes wrong, seeded; default: 1000
bench.sh images-kept [SECONDS]       prune and remove images in a loop under the agent; default: 60
bench.sh images-next [SUITE]         the runtime contract on another generation's daemons; default: sid
bench.sh properties                  10,000 random nodes and configurations in memory, 200 on disk: DESIGN's laws hold
bench.sh files [trixie|sid]...       daemon.json and hosts.toml in the wild's styles, judged by another suite's daemons;
                                     default: trixie
bench.sh rounds [ROUNDS]             a container answers while registries come and go; default: 50
bench.sh plan                        CPU and writes of planning an unchanged node with 50 registries
bench.sh logs|faults|footprint       not available yet

Roots are kept below FARRIER_ROOTS (default: target/roots); the rest is below target/bench.
USAGE
}

main() {
    case "${1:-}" in
        bare) shift && bare "$@" ;;
        observe) long_test ObserveIT farrier.observe.minutes "${2:-60}" ;;
        hostile) long_test HostileCollectorIT farrier.hostile.minutes "${2:-10}" ;;
        images) long_test ImagePullBenchIT farrier.images.rounds "${2:-3}" ;;
        images-faults) long_test ImageFaultsIT farrier.faults.runs "${2:-1000}" ;;
        images-kept) long_test ImagesKeptIT farrier.kept.seconds "${2:-60}" ;;
        images-next) long_test NextGenerationIT farrier.suite "${2:-sid}" ;;
        probe) shift && probe "$@" ;;
        properties) unit_tests 'io.farrier.keep.**.*PropertyTest' -Dfarrier.trials=10000 -Dfarrier.disk.trials=200 ;;
        files) shift && files "$@" ;;
        rounds) real_test KeepsAnsweringIT "-Dfarrier.rounds=${2:-50}" ;;
        plan) benchmark PlanBenchmarks ;;
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
