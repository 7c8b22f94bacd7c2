#!/usr/bin/env bash
# Shows farrier's main job on a practice node of real parts, step by step; every line is what a real command said.
# Stays until Ctrl-C, so that you can look around; with --once it ends by itself. Needs root. Everything it writes is
# below target/ (--work DIR: elsewhere), and nothing is left running.
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/.."

readonly IMAGES=(rancher/mirrored-pause:3.6 rancher/kubectl:v1.26.3 rancher/cis-operator:v1.0.12)

once=no work=target/try

main() {
    while (($# > 0)); do
        case "$1" in
            --once) once=yes ;;
            --work) work=$2 && shift ;;
            *) usage && exit 64 ;;
        esac
        shift
    done
    ((EUID == 0)) || die "needs root: it starts real daemons in namespaces of their own"

    install_tools
    build
    start_node
    fill_registry
    see_pull_fail
    summary
    [[ $once == yes ]] || stay
}

usage() { sed -n '2,/^set/s/^# //p' "$0"; }

# ---- steps ---------------------------------------------------------------------------------------------------------------

install_tools() {
    step "Install what is missing"
    packaging/install-tools build node
    JAVA_HOME=$(packaging/install-tools --java-home)
    export JAVA_HOME PATH=$JAVA_HOME/bin:$PATH
    result "nothing is missing; Java is $JAVA_HOME"
}

build() {
    step "Build target/farrier.jar"
    mkdir -p target
    mvn -B --no-transfer-progress -Dfast -Dmaven.test.skip=true package </dev/null >target/build.log 2>&1 ||
        die "the build failed: $(grep -m 3 ERROR target/build.log)"
    result "$(du -h --apparent-size target/farrier.jar | cut -f 1) target/farrier.jar"
}

start_node() {
    step "Bring up a node: dockerd, and a registry whose certificate nobody trusts yet"
    mkdir -p "$work"
    work=$(realpath "$work")
    rm -rf --one-file-system "${work:?}/node"
    # The node lives as long as we hold its stdin. In a session of its own, so that Ctrl-C reaches us alone and we can
    # end it in good order; the coprocess' ends are not handed on to what we start, so our death ends it in any case.
    coproc node { exec setsid packaging/practice-node up "$work/node" --name worker-1 2>&1; }
    node_pid=$! node_out=${node[0]} node_in=${node[1]}
    trap end_node EXIT
    trap 'exit 130' INT TERM HUP
    local line
    while IFS= read -r line <&"$node_out"; do
        [[ $line != READY ]] || break
        [[ $line == *=* ]] || echo "    $line"
    done
    [[ ${line:-} == READY ]] || die "the node did not come up; see $work/node/log"
    result "dockerd $(in_node docker version --format '{{.Server.Version}}') on $(fact name), $(fact address)"
}

fill_registry() {
    step "Put images into $(fact registry)"
    packaging/practice-node seed "$work/node" "${IMAGES[@]}" | sed 's/^/    /'
}

see_pull_fail() {
    step "Pull one of them"
    local words
    if words=$(show docker pull "$(fact registry)/${IMAGES[0]}"); then
        die "the pull was expected to fail: $words"
    fi
    echo "$words"
    [[ $words == *"x509: certificate signed by unknown authority"* ]] || die "the pull failed for another reason"
    result "the node does not trust the registry"
}

summary() {
    step "Summary"
    result "$steps steps, all as expected"
    [[ $once == yes ]] || cat <<TEXT
    Look around:  packaging/practice-node exec ${work#"$PWD/"}/node -- bash
    Ctrl-C ends the node and leaves nothing.
TEXT
}

stay() {
    local status
    while kill -0 "$node_pid" 2>/dev/null; do
        status=0
        read -r -t 1 _ <&"$node_out" || status=$?
        ((status > 128)) || break
    done
    die "the node ended by itself; see $work/node/log"
}

# ---- how -------------------------------------------------------------------------------------------------------------------

steps=-1

step() {
    steps=$((steps + 1))
    printf '\n== %s\n' "$1"
}

result() { echo "-> $1"; }

die() {
    echo "try.sh: $*" >&2
    exit 1
}

fact() { sed -n "s/^$1=//p" "$work/node/node.env"; }

in_node() { packaging/practice-node exec "$work/node" -- "$@"; }

# Runs a command in the node and shows it with all it says.
show() {
    echo "    # $*"
    in_node "$@" 2>&1 | sed 's/^/    /'
}

end_node() {
    exec {node_in}>&-
    wait "$node_pid" 2>/dev/null || true
}

main "$@"
