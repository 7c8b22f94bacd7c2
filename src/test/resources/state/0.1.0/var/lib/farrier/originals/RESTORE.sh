#!/bin/sh
# Puts files back as they were, without farrier and without Java: those of an interrupted change (ledger/undo), or all
# that farrier ever wrote (originals). MANIFEST beside it says which. A file that somebody else changed since is left
# alone and named.
#
# sh RESTORE.sh [ROOT]    ROOT: where the node's / is mounted, from a rescue system
set -u
here=$(cd "$(dirname "$0")" && pwd) || exit 1
root=${1:-}
manifest=$here/MANIFEST
[ -f "$manifest" ] || exit 0

say() { echo "farrier: $*" >&2; }
sum() { sha256sum <"$1" | cut -d ' ' -f 1; }

main() {
    if [ "$(sed '$d' "$manifest" | sha256sum | cut -d ' ' -f 1)" != "$(sed -n '$s/^sum //p' "$manifest")" ]; then
        say "$manifest is damaged; nothing was touched"
        exit 1
    fi
    read -r magic version kind id <"$manifest"
    [ "$magic $version" = "farrier-restore 1" ] || exit 1
    sed '1d;$d' "$manifest" | {
        failed=0
        while read -r what before ours path; do
            is_due || exit 0
            case $what in
                file) put_back "$before" "$ours" "$root$path" || failed=1 ;;
                folder) [ ! -d "$root$path" ] || rmdir "$root$path" 2>/dev/null || : ;;
            esac
        done
        exit "$failed"
    }
}

# An interrupted change is undone as long as it is open and not committed, and no farrier that lives is at it.
is_due() {
    [ "$kind" = change ] || return 0
    record=$here/../open-change
    [ -f "$record" ] && grep -q "^{\"id\":\"$id\"" "$record" && ! grep -q ',"committed":"' "$record" && ! is_locked
}

is_locked() {
    lock=$here/../../lock
    [ -e "$lock" ] && grep -q " POSIX .*:$(stat -c %i "$lock") " /proc/locks
}

# A state is "absent", or MODE:SHA256.
state_of() {
    if [ -f "$1" ]; then
        echo "$(stat -L -c %a "$1"):$(sum "$1")"
    elif [ -e "$1" ] || [ -L "$1" ]; then
        echo other
    else
        echo absent
    fi
}

# Whether STATE is one of the comma-separated STATES; *:SHA256 takes any mode.
is_one_of() { case ",$2," in *",$1,"* | *",*:${1#*:},"*) ;; *) return 1 ;; esac }

# Where several files of a folder change at once, it is made anew here and then put in its place.
twin_of() { echo "$(dirname "$1")/.$(basename "$1").farrier-tmp"; }

# put_back STATE-BEFORE STATES-OF-OURS FILE
put_back() {
    file=$3
    if [ -L "$file" ]; then
        # Below another root a link may lead out of it.
        [ -z "$root" ] || { say "$file is a link; left alone" && return 1; }
        file=$(readlink -f "$file") || return 1
    fi
    temp=$(dirname "$file")/.$(basename "$file").farrier-tmp
    rm -f "$temp"
    rm -rf "$(twin_of "$(dirname "$file")")"
    now=$(state_of "$file")
    [ "$now" != "$1" ] || return 0
    if ! is_one_of "$now" "$2"; then
        say "$file was changed by somebody else since; left alone"
        return 1
    fi
    if [ "$1" = absent ]; then
        rm "$file" && say "removed $file"
        return
    fi
    content=$here/${1#*:}
    if [ ! -f "$content" ] || [ "$(sum "$content")" != "${1#*:}" ]; then
        say "$content is missing or damaged; $file was not put back"
        return 1
    fi
    if replace "$content" "${1%%:*}" "$file" 2>/dev/null || overwrite "$content" "${1%%:*}" "$file" 2>/dev/null; then
        say "put back $file"
        return
    fi
    rm -f "$temp"
    say "$file could not be written; make room on its disk, or copy $content there"
    return 1
}

# CONTENT MODE FILE: a kill leaves the old file or the new one; owner and labels stay.
replace() {
    if [ -f "$3" ]; then
        cp -a "$3" "$temp" || return 1
    else
        mkdir -p "$(dirname "$3")" && (umask 077 && : >"$temp") || return 1
    fi
    cat "$1" >"$temp" && chmod "$2" "$temp" && sync "$temp" && mv -f "$temp" "$3"
}

# On a full disk: within the blocks that the file has, so that it needs no new one.
overwrite() {
    rm -f "$temp"
    [ -f "$3" ] || return 1
    size=$(stat -c %s "$1")
    [ "$size" -le $(($(stat -c %b "$3") * $(stat -c %B "$3"))) ] || return 1
    dd if="$1" of="$3" conv=notrunc,fsync && truncate -s "$size" "$3" && chmod "$2" "$3"
}

main
