#!/bin/sh
# For systems without dpkg: puts the tree beside this script into place and starts the agent, which only observes until its
# configuration says otherwise. Asks nothing.
set -eu

usage() {
    cat <<'USAGE'
install.sh               installs or upgrades; what you changed below /etc/farrier stays, what you switched off stays off
install.sh --uninstall   stops farrier and takes its program away; configuration, state and the node stay as they are
install.sh --purge       takes configuration and state away, too; with 'changes.restore_on_purge: true' in the
                         configuration the node's files are first given back as they were before farrier
USAGE
}

here=$(dirname "$(readlink -f "$0")")
units=/etc/systemd/system
state=/var/lib/farrier
marker=$state/restore-on-purge
# Relative to the root, as they are below the tree.
shared='usr/share/farrier/farrier-recover.conf usr/share/man/man8/farrier.8.gz usr/share/bash-completion/completions/farrier'

main() {
    [ "$(id -u)" = 0 ] || die "needs root"
    case "${1:-}" in
        '') put_in_place ;;
        --uninstall) take_away ;;
        --purge) purge ;;
        *) usage && exit 64 ;;
    esac
}

die() {
    echo "install.sh: $*" >&2
    exit 1
}

# Each file appears under its name when it is whole; the running agent keeps what it has open until it is restarted.
put_in_place() {
    [ "$(uname -m)" = x86_64 ] || die "this is for x86_64; here runs $(uname -m)"
    [ -d "$here/tree/usr/lib/farrier" ] || die "the folder 'tree' is not beside this script"
    [ ! -e /var/lib/dpkg/info/farrier.list ] || die "the Debian package is installed; upgrade that one"
    umask 022
    first=no
    [ -e "$units/farrier.service" ] || first=yes
    put_program
    for file in $shared; do
        put 644 "$file" "/$file"
    done
    install -d -m 755 /etc/farrier /etc/farrier/certs /etc/farrier/farrier.d /etc/farrier/images.d
    install -d -m 700 /etc/farrier/secrets
    for file in farrier.yaml collector.yaml; do
        [ -e "/etc/farrier/$file" ] || put 644 "etc/farrier/$file" "/etc/farrier/$file"
    done
    for unit in farrier.service farrier-collector.service; do
        put 644 "lib/systemd/system/$unit" "$units/$unit"
    done
    label
    rm -f "$marker"
    begin
}

# With its times, by which Java knows that the class data belong to the jar; without the owner and the labels of where it
# was unpacked.
put_program() {
    rm -rf /usr/lib/farrier.new
    cp -R --preserve=mode,timestamps,links "$here/tree/usr/lib/farrier" /usr/lib/farrier.new
    chown -R 0:0 /usr/lib/farrier.new
    rm -rf /usr/lib/farrier.old
    [ ! -e /usr/lib/farrier ] || mv /usr/lib/farrier /usr/lib/farrier.old
    mv /usr/lib/farrier.new /usr/lib/farrier
    rm -rf /usr/lib/farrier.old
    put 755 usr/bin/farrier /usr/bin/farrier
}

# put MODE FILE-OF-THE-TREE PATH
put() {
    install -D -m "$1" "$here/tree/$2" "$3.new"
    mv -f "$3.new" "$3"
}

# SELinux: what the policy says of these paths.
label() {
    command -v restorecon >/dev/null || return 0
    # shellcheck disable=SC2086  # names of ours
    (cd / && restorecon -R /usr/lib/farrier /usr/bin/farrier /etc/farrier "$units/farrier.service" \
        "$units/farrier-collector.service" $shared)
}

# The agent is on from the start: in the packaged mode it changes nothing. After that it is its owner who switches it. One
# that cannot start does not fail the installation.
begin() {
    action=try-restart
    words="farrier is upgraded; what was on was restarted, what was off stays off"
    if [ "$first" = yes ]; then
        action=start
        words="farrier is installed and observes; 'farrier plan' says what it would change"
        systemctl enable farrier.service
    fi
    if [ -d /run/systemd/system ]; then
        systemctl daemon-reload
        systemctl "$action" farrier.service || words="farrier is there, but does not start: 'systemctl status farrier' says why"
        systemctl try-restart farrier-collector.service || true
    fi
    echo "$words"
}

# The configuration can be read here for the last time: what is purged later finds neither it nor Java.
take_away() {
    if [ -d "$state" ] && farrier config check --show 2>/dev/null | grep -q '^changes\.restore_on_purge: *true'; then
        : >"$marker"
    fi
    if [ -d /run/systemd/system ]; then
        systemctl disable --now farrier.service farrier-collector.service || true
    fi
    rm -rf /usr/lib/farrier
    rm -f /usr/bin/farrier "$units/farrier.service" "$units/farrier-collector.service"
    # shellcheck disable=SC2086  # names of ours
    (cd / && rm -f $shared)
    rmdir /usr/share/farrier 2>/dev/null || true
    [ ! -d /run/systemd/system ] || systemctl daemon-reload
}

purge() {
    # Also when it was uninstalled before.
    take_away
    if [ -e "$marker" ] && [ -e "$state/originals/RESTORE.sh" ]; then
        sh "$state/originals/RESTORE.sh" || die "not everything could be given back; the originals stay in $state/originals"
    fi
    data_root=$(timeout 10 docker info --format '{{.DockerRootDir}}' 2>/dev/null || true)
    for folder in "${data_root:-/var/lib/docker}" /var/lib/docker /var/log; do
        rm -rf --one-file-system "$folder/farrier-held"
    done
    rm -rf --one-file-system "$state" /var/lib/farrier-collector /etc/farrier /run/farrier
}

main "$@"
