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
    run_components
    start_collector
    configure
    see_plan
    start_agent
    see_images
    see_trust
    see_collector
    see_nothing_left_to_do
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
    mkdir -p "$work/node/tmp"
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
    step "Put one into $(fact plain), which knows no TLS"
    packaging/practice-node seed "$work/node" --to plain "${IMAGES[1]}" | sed 's/^/    /'
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

configure() {
    step "Tell farrier what the node must be like: /etc/farrier/farrier.yaml"
    local etc=$work/node/etc-farrier
    cp "$(fact registry_ca)" "$etc/certs/registry-ca.crt"
    cat >"$etc/farrier.yaml" <<YAML
mode: keep
registries:
  - host: $(fact registry)
    ca: certs/registry-ca.crt
  - host: $(fact plain)
    insecure: true
docker: {daemon_json: {live-restore: true}}
images:
  system_default_registry: $(fact registry)
  keep:
$(printf '    - %s\n' "${IMAGES[@]}")
collector:
  url: wss://$(fact host_address):8470/feed
  ca: certs/collector-ca.crt
  token_file: secrets/token
YAML
    sed 's/^/    /' "$etc/farrier.yaml"
    expect 0 farrier config check /etc/farrier/farrier.yaml
}

see_plan() {
    step "See what it would change"
    expect 2 farrier plan
    result "nothing is touched yet"
}

# Named as RKE names them, from an image that needs no registry.
run_components() {
    step "Run two containers as RKE names them, which write logs"
    local name
    # shellcheck disable=SC2016
    in_node sh -c 'mkdir -p /run/busybox/bin && cp "$(command -v busybox)" /run/busybox/bin/ &&
        for applet in sh echo sleep; do ln -sf busybox "/run/busybox/bin/$applet"; done &&
        tar -C /run/busybox -c . | docker import - practice/busybox:1' >/dev/null
    for name in kubelet etcd; do
        in_node docker run --detach --name "$name" --network none practice/busybox:1 \
            /bin/sh -c "i=0; while :; do i=\$((i+1)); echo $name says line \$i; sleep 1; done" >/dev/null
    done
    expect 0 docker ps --format '{{.Names}}: {{.Image}}, {{.Status}}'
    started=$(start_times)
}

start_times() { in_node docker inspect --format '{{.Name}} {{.State.StartedAt}} {{.State.Pid}}' kubelet etcd; }

start_collector() {
    step "Start a collector beside the node"
    local etc=$work/node/etc-farrier state=$work/node/var-lib-farrier/collector
    mkdir -p "$etc/certs" "$etc/secrets"
    cat >"$etc/collector.yaml" <<YAML
listen: $(fact host_address):8470
state_dir: /var/lib/farrier/collector
YAML
    sed 's/^/    /' "$etc/collector.yaml"
    in_background collector --outside collector --config /etc/farrier/collector.yaml
    await 60 grep -qs 'The collector listens on' "$work/node/log/collector" ||
        die "the collector did not start: $(tail -n 3 "$work/node/log/collector")"
    # What goes to each node: whom to trust, and a secret that can only write.
    cp "$state/ca.crt" "$etc/certs/collector-ca.crt"
    cp "$state/agent.token" "$etc/secrets/token"
    result "$(grep -m 1 'The collector listens on' "$work/node/log/collector")"
}

start_agent() {
    step "Start the agent"
    dockerd=$(packaging/practice-node daemon "$work/node" pid dockerd)
    in_background agent agent
    await 60 grep -qs 'daemon.json: applied' "$work/node/log/agent" || die "the agent changed nothing: $(tail -n 3 "$work/node/log/agent")"
    sed -n 's/^[^ ]* /    /p' "$work/node/log/agent"
}

see_trust() {
    step "Pull again what failed before"
    expect 0 docker pull --quiet "$(fact registry)/${IMAGES[0]}"
    expect 0 docker pull --quiet "$(fact plain)/${IMAGES[1]}"
    expect 0 docker info --format 'live-restore: {{.LiveRestoreEnabled}}'
    expect 0 cat /etc/docker/daemon.json
    [[ $(packaging/practice-node daemon "$work/node" pid dockerd) == "$dockerd" ]] || die "dockerd was restarted"
    [[ $(start_times) == "$started" ]] || die "a container was restarted"
    result "dockerd still has pid $dockerd, and no container was restarted"
}

see_images() {
    step "See the agent pull the images the node must have"
    local seen='' now deadline=$((SECONDS + 90))
    until [[ ${now:-} == "${#IMAGES[@]}" ]]; do
        now=$(pulls)
        [[ -z $now || $now == "$seen" ]] || sed 's/^/    /' <<<"$now"
        seen=$now
        now=$(api '/api/images?node=worker-1' | jq '[.. | objects | select(.state == "present")] | length')
        ((SECONDS < deadline)) || die "the images are not there: $(api '/api/images?node=worker-1')"
    done
    expect 0 farrier images list
}

# As the feed tells of them while they last.
pulls() {
    api /api/nodes | jq -r '.nodes[].progress[] | select(.total > 0) |
        "\(.about): \(.done / 1048576 * 10 | floor / 10) of \(.total / 1048576 * 10 | floor / 10) MiB"'
}

see_collector() {
    step "Ask the collector what it knows"
    await 60 has_lines || die "the collector has no lines: $(api '/api/logs?node=worker-1')"
    api '/api/containers?node=worker-1' | jq -r '.. | objects | select(has("role")) | "    \(.name): \(.state), role \(.role)"'
    api '/api/logs?node=worker-1&limit=4' | jq -r '.lines[] | "    \(.container): \(.text)"'
    expect 3 farrier status
    result "the node's states and lines are there, also while Kubernetes is down"
}

has_lines() {
    local name
    for name in kubelet etcd; do
        [[ $(api "/api/logs?node=worker-1&container=$name&limit=1" | jq '.lines | length') == 1 ]] || return 1
    done
}

see_nothing_left_to_do() {
    step "Ask again"
    expect 0 farrier plan
}

summary() {
    step "Summary"
    result "$steps steps, all as expected"
    [[ $once == yes ]] || cat <<TEXT
    The page:     https://$(fact host_address):8470/
    Sign in with: $(cat "$work/node/var-lib-farrier/collector/viewer.token")
    (its certificate is signed by ${work#"$PWD/"}/node/var-lib-farrier/collector/ca.crt)
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

# in_background NAME [--outside] VERB...: farrier as a daemon in the node, its words in log/NAME.
in_background() {
    local name=$1 where=()
    shift
    [[ $1 != --outside ]] || { where=(--outside) && shift; }
    packaging/practice-node exec "$work/node" "${where[@]}" -- "$JAVA_HOME/bin/java" -XX:-UsePerfData \
        -XX:TieredStopAtLevel=1 "-Djava.io.tmpdir=$work/node/tmp" -jar "$PWD/target/farrier.jar" "$@" \
        </dev/null >"$work/node/log/$name" 2>&1 &
}

# The collector's API with the secret that can only read.
api() {
    local state=$work/node/var-lib-farrier/collector
    curl --silent --show-error --fail --max-time 20 --cacert "$state/ca.crt" \
        --header @<(echo "Authorization: Bearer $(cat "$state/viewer.token")") \
        "https://$(fact host_address):8470$1"
}

# await SECONDS COMMAND...: until the command is true; false at the deadline.
await() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < deadline)) || return 1
        sleep 0.2
    done
}

# Runs a command in the node and shows it with all it says; `farrier` is the jar that was just built.
show() {
    echo "    # $*"
    [[ $1 != farrier ]] || set -- "$JAVA_HOME/bin/java" -XX:-UsePerfData -XX:TieredStopAtLevel=1 \
        "-Djava.io.tmpdir=$work/node/tmp" -jar "$PWD/target/farrier.jar" "${@:2}"
    in_node "$@" 2>&1 | sed 's/^/    /'
}

# expect EXIT_CODE COMMAND...
expect() {
    local status=0
    show "${@:2}" || status=$?
    ((status == $1)) || die "'${*:2}' ended with $status instead of $1"
}

end_node() {
    exec {node_in}>&-
    wait "$node_pid" 2>/dev/null || true
}

main "$@"
