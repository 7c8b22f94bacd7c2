#!/bin/sh
# For systems without dpkg: puts the tree beside this script into place and starts the agent, which only observes until its
# configuration says otherwise. Asks nothing.
set -eu

usage() {
    cat <<'USAGE'
install.sh               installs or upgrades; what you changed below /etc/farrier stays
install.sh --uninstall   stops farrier and takes its program away; configuration, state and the node stay as they are
install.sh --purge       takes configuration and state away, too; with 'changes.restore_on_purge: true' in the
                         configuration the node's files are first given back as they were before farrier
USAGE
}

here=$(dirname "$(readlink -f "$0")")
units=/etc/systemd/system

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
    rm -rf /usr/lib/farrier.new
    cp -a "$here/tree/usr/lib/farrier" /usr/lib/farrier.new
    rm -rf /usr/lib/farrier.old
    [ ! -e /usr/lib/farrier ] || mv /usr/lib/farrier /usr/lib/farrier.old
    mv /usr/lib/farrier.new /usr/lib/farrier
    rm -rf /usr/lib/farrier.old
    install -m 755 "$here/tree/usr/bin/farrier" /usr/bin/farrier
    for file in usr/share/farrier/farrier-recover.conf usr/share/man/man8/farrier.8.gz \
        usr/share/bash-completion/completions/farrier; do
        install -D -m 644 "$here/tree/$file" "/$file"
    done
    install -d -m 755 /etc/farrier /etc/farrier/certs /etc/farrier/farrier.d /etc/farrier/images.d
    install -d -m 700 /etc/farrier/secrets
    for file in farrier.yaml collector.yaml; do
        [ -e "/etc/farrier/$file" ] || install -m 644 "$here/tree/etc/farrier/$file" "/etc/farrier/$file"
    done
    for unit in farrier.service farrier-collector.service; do
        install -m 644 "$here/tree/lib/systemd/system/$unit" "$units/$unit"
    done
    chown -R 0:0 /usr/lib/farrier /usr/bin/farrier
    if [ -d /run/systemd/system ]; then
        systemctl daemon-reload
        systemctl enable farrier.service
        systemctl restart farrier.service
        systemctl try-restart farrier-collector.service
    fi
    echo "farrier is installed and observes; 'farrier plan' says what it would change"
}

take_away() {
    if [ -d /run/systemd/system ]; then
        systemctl disable --now farrier.service farrier-collector.service || true
    fi
    rm -rf /usr/lib/farrier
    rm -f /usr/bin/farrier "$units/farrier.service" "$units/farrier-collector.service" /usr/share/man/man8/farrier.8.gz \
        /usr/share/bash-completion/completions/farrier /usr/share/farrier/farrier-recover.conf
    rmdir /usr/share/farrier 2>/dev/null || true
    [ ! -d /run/systemd/system ] || systemctl daemon-reload
}

purge() {
    restores=no
    if farrier config check --show 2>/dev/null | grep -q '^changes\.restore_on_purge: *true'; then
        restores=yes
    fi
    take_away
    if [ "$restores" = yes ] && [ -e /var/lib/farrier/originals/RESTORE.sh ]; then
        sh /var/lib/farrier/originals/RESTORE.sh || die "not everything could be given back; the originals stay in /var/lib/farrier/originals"
    fi
    rm -rf /var/lib/farrier /var/lib/farrier-collector /etc/farrier /run/farrier /var/lib/docker/farrier-held /var/log/farrier-held
}

main "$@"
