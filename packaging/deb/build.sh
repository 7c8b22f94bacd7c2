#!/usr/bin/env bash
# Makes the Debian package, and a tarball of the same tree, from target/farrier.jar. Needs root: the class data archive is
# made under the path that it will have on a node.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
repository=$(dirname "$(dirname "$here")")

usage() {
    cat <<'USAGE'
build.sh [--jar FILE] [--version VERSION] [--into DIR] [--no-tarball] [--fast] [--sign KEYFILE]

  --jar FILE         default: target/farrier.jar
  --version VERSION  default: the jar's
  --into DIR         default: target/deb
  --sign KEYFILE     signs each file with the release key (PEM, elliptic curve): FILE.sig, as 'openssl dgst -sha256 -verify'
                     takes it. Make a key once, where no collector is: openssl ecparam -genkey -name prime256v1 -noout
  --fast             compressed badly and not checked by lintian: for tests, which install it and throw it away
USAGE
}

jar=$repository/target/farrier.jar version='' into=$repository/target/deb tarball=yes fast=no key=''
# The same for everybody who builds this commit.
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$repository" -c safe.directory='*' log -1 --format=%ct 2>/dev/null || date +%s)}

# Named by jdeps, never run: AWT and the compiler API stand in classes of libraries that farrier does not load.
readonly NOT_RUN='java.desktop java.compiler java.rmi java.scripting java.instrument java.transaction.xa jdk.jfr jdk.attach jdk.jdi jdk.httpserver'
# Found by name at run time, so that jdeps cannot see them: elliptic curves of TLS, DNS below naming.
readonly BY_NAME='jdk.crypto.ec jdk.naming.dns'

# Classes for other systems than Linux, and of a standard for vehicles that Bouncy Castle brings along.
readonly ELSEWHERE='win32 windows mac darwin aix solaris freebsd openbsd netbsd dragonflybsd oer'

# NAME IN THE JAR -> file in the package
readonly NATIVE='jni/x86_64-Linux/libjffi-1.2.so libjffi-1.2.so
com/sun/jna/linux-x86-64/libjnidispatch.so libjnidispatch.so
org/sqlite/native/Linux/x86_64/libsqlitejdbc.so libsqlitejdbc.so
linux/amd64/libzstd-jni-1.5.7-28.so libzstd-jni-1.5.7-28.so
META-INF/native/libnetty_transport_native_epoll_x86_64.so libnetty_transport_native_epoll_x86_64.so'

main() {
    while (($# > 0)); do
        case "$1" in
            --jar) jar=$(realpath "$2") && shift ;;
            --version) version=$2 && shift ;;
            --into) into=$2 && shift ;;
            --no-tarball) tarball=no ;;
            --sign) key=$(realpath "$2") && shift ;;
            --fast) fast=yes tarball=no ;;
            -h | --help) usage && exit ;;
            *) usage >&2 && exit 64 ;;
        esac
        shift
    done
    ((EUID == 0)) || die "needs root: it mounts the tree where a node will have it"
    [[ $(dpkg --print-architecture) == amd64 ]] || die "makes packages for amd64 on amd64 only"
    [[ -f $jar ]] || die "$jar is missing: run 'mvn package' first"
    "$repository/packaging/install-tools" --check build package
    mkdir -p "$into"
    into=$(realpath "$into")
    work=$into/work
    tree=$work/tree
    home=$tree/usr/lib/farrier
    rm -rf --one-file-system "$work"
    mkdir -p "$home"
    umask 022

    runtime
    program
    configuration
    set_times
    class_data
    documents
    try_every_verb
    set_times
    bill_of_materials
    deb
    [[ $tarball == no ]] || tarball
    sums
    rm -rf --one-file-system "$work"
}

die() {
    echo "build.sh: $*" >&2
    exit 1
}

say() { echo "build.sh: $*" >&2; }

# ---- /usr/lib/farrier ------------------------------------------------------------------------------------------------------

runtime() {
    local java modules
    java=$("$repository/packaging/install-tools" --java-home)
    [[ -d $java/jmods ]] || die "$java has no jmods to link a runtime from; take a JDK 17 to 23"
    modules=$("$java/bin/jdeps" --multi-release 17 --ignore-missing-deps --print-module-deps "$jar" | tr ',' '\n')
    modules=$(grep -vxF "$(tr ' ' '\n' <<<"$NOT_RUN")" <<<"$modules"; tr ' ' '\n' <<<"$BY_NAME")
    modules=$(sort -u <<<"$modules" | paste -sd,)
    say "linking a runtime of $modules"
    # Not compressed: it starts faster so, and xz does it better. Without line numbers of the JDK's own classes; ours keep them.
    "$java/bin/jlink" --module-path "$java/jmods" --add-modules "$modules" --no-header-files --no-man-pages \
        --strip-java-debug-attributes --dedup-legal-notices=error-if-not-same-content \
        --output "$home/runtime"
    # Of no use to a program: the way to open this runtime from another JVM, and what only developers call.
    rm -f "$home/runtime/lib/jrt-fs.jar" "$home"/runtime/bin/{keytool,rmiregistry,jrunscript,jwebserver}
    find "$home/runtime" \( -name '*.so' -o -path '*/bin/*' -o -name jspawnhelper -o -name jexec \) -type f \
        -exec strip --strip-unneeded {} +
    find "$home/runtime" -type f -exec chmod u=rwX,go=rX {} +
}

# Stored, since xz packs the whole package better; without the native code that lies unpacked beside it, and without classes
# for newer Javas than the one beside it.
program() {
    local classes=$work/classes java name file left
    java=$("$repository/packaging/install-tools" --java-home)
    mkdir -p "$classes" "$home/native"
    (cd "$classes" && "$java/bin/jar" -xf "$jar")
    while read -r name file; do
        [[ -f $classes/$name ]] || die "$name is not in the jar any more; look at NATIVE"
        install -m 644 "$classes/$name" "$home/native/$file"
        rm "$classes/$name"
    done <<<"$NATIVE"
    strip --strip-unneeded "$home"/native/*.so
    find "$classes" \( -path '*aarch64*' -o -path '*aarch_64*' \) -name '*.so' -delete
    left=$(find "$classes" -name '*.so' -o -name '*.jnilib')
    [[ -z $left ]] || die "native code that the package would not unpack: $left; add it to NATIVE and jvm.options"
    for name in $ELSEWHERE; do
        find "$classes"/{com/sun/jna,oshi,jnr,org/bouncycastle} -depth -type d -name "$name" -exec rm -rf {} +
    done
    find "$classes/META-INF/versions" -mindepth 1 -maxdepth 1 -type d -name '[0-9]*' | while read -r name; do
        ((${name##*/} <= 17)) || rm -rf "$name"
    done
    [[ -n $version ]] || version=$(sed -n 's/^version=//p' "$classes/build.properties" | sed 's/-SNAPSHOT$/~dev/')
    find "$classes" -exec touch -hd "@$SOURCE_DATE_EPOCH" {} +
    (cd "$classes" && mv META-INF/MANIFEST.MF "$work/MANIFEST.MF" &&
        find . -type f -printf '%P\n' | LC_ALL=C sort >"$work/names" &&
        "$java/bin/jar" --create --file "$home/farrier.jar" --no-compress --manifest "$work/MANIFEST.MF" \
            --date="$(date -ud "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)" "@$work/names")
    install -m 644 "$here"/*.options "$home/"
    install -D -m 755 "$here/farrier" "$tree/usr/bin/farrier"
}

configuration() {
    install -d -m 755 "$tree"/etc/farrier/{certs,farrier.d,images.d}
    install -d -m 700 "$tree/etc/farrier/secrets"
    install -m 644 "$repository"/conf/{farrier,collector}.yaml "$tree/etc/farrier/"
    install -D -m 644 -t "$tree/lib/systemd/system" "$repository"/packaging/systemd/*.service
    # Opt-in: how to put it before a runtime's start stands in it.
    install -D -m 644 -t "$tree/usr/share/farrier" "$repository/packaging/systemd/farrier-recover.conf"
}

# An archive of class data is only taken for the very jar, by path, size and time, from which it was made.
set_times() { find "$tree" -newermt "@$SOURCE_DATE_EPOCH" -exec touch -hd "@$SOURCE_DATE_EPOCH" {} +; }

# Runs a command where the tree is a node's: laid over this machine's /usr and /etc, in a mount namespace of its own, with
# /tmp and /run noexec.
on_a_node() {
    mkdir -p "$work/root" "$work/out"
    # shellcheck disable=SC2016
    unshare --mount --pid --fork --kill-child --propagation private bash -euc '
        mount -t tmpfs -o mode=755 tmpfs "$2"
        mkdir "$2"/{usr,etc,proc,run,tmp,dev}
        mount -t overlay overlay -o "lowerdir=$1/usr:/usr" "$2/usr"
        mount -t overlay overlay -o "lowerdir=$1/etc:/etc" "$2/etc"
        ln -s usr/bin usr/sbin usr/lib usr/lib64 "$2/"
        mount -t proc proc "$2/proc"
        for device in null zero random urandom; do
            : >"$2/dev/$device"
            mount --bind "/dev/$device" "$2/dev/$device"
        done
        mount -t tmpfs -o noexec,nosuid tmpfs "$2/run"
        mount -t tmpfs -o noexec,nosuid tmpfs "$2/tmp"
        mkdir "$2/tmp/out"
        mount --bind "$3" "$2/tmp/out"
        root=$2
        shift 3
        exec chroot "$root" env -i HOME=/tmp PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "$@"
    ' on_a_node "$tree" "$work/root" "$work/out" "$@"
}

# The classes that an agent loads in its first rounds, that a verb loads which plans, and every verb's own.
class_data() {
    say "archiving class data"
    mkdir -p "$work/out"
    cat >"$work/out/list.sh" <<'SH'
set -e
flags=$(grep -v -e '^#' -e '^$' -e SharedArchive -e Xshare /usr/lib/farrier/jvm.options)
printf 'mode: observe\nstate_dir: /tmp/state\nregistries: [{host: "127.0.0.1:1", insecure: true}]\ncollector: {url: "wss://127.0.0.1:1/feed", token_file: /tmp/token, sha256: "%064d"}\n' 1 >/tmp/farrier.yaml
echo secret >/tmp/token
chmod 600 /tmp/token /tmp/farrier.yaml
chmod 755 /tmp
classes() {
    seconds=$1 list=$2
    shift 2
    timeout -s TERM "$seconds" /usr/lib/farrier/runtime/bin/java $flags -Xshare:off "-XX:DumpLoadedClassList=/tmp/out/$list" \
        -jar /usr/lib/farrier/farrier.jar "$@" >/tmp/out/words 2>&1 || true
}
# Twice: only the second life finds what the first one wrote. Somebody to tell that it is ready, who is not there.
export NOTIFY_SOCKET=/tmp/nobody
classes 20 first agent --config /tmp/farrier.yaml
classes 20 agent agent --config /tmp/farrier.yaml
unset NOTIFY_SOCKET
classes 20 plan plan --config /tmp/farrier.yaml
classes 20 version version
classes 20 help --help
# As they were loaded: a lambda that comes before its class is not archived, and a line that comes twice within one list is
# two lambdas.
cd /tmp/out
{
    grep -v '^#' agent
    cat first plan version help | grep -v '^#' | awk 'FNR == NR { seen[$0] = 1; next } !seen[$0]++' agent -
} >all
exec /usr/lib/farrier/runtime/bin/java $flags -Xshare:dump -XX:SharedClassListFile=/tmp/out/all \
    -XX:SharedArchiveFile=/tmp/out/farrier.jsa -jar /usr/lib/farrier/farrier.jar >/tmp/out/dump.words 2>&1
SH
    on_a_node sh /tmp/out/list.sh || die "no class data archive: $(tail -n 5 "$work/out/dump.words")"
    install -m 644 "$work/out/farrier.jsa" "$home/farrier.jsa"
    say "$(wc -l <"$work/out/all") classes archived"
}

documents() {
    local documents=$tree/usr/share/doc/farrier verbs date
    date=$(date -ud "@$SOURCE_DATE_EPOCH" +%Y-%m-%d)
    install -d -m 755 "$documents" "$tree/usr/share/man/man8" "$tree/usr/share/bash-completion/completions"
    install -m 644 "$here/copyright" "$documents/copyright"
    { printf 'farrier (%s) unstable; urgency=medium\n\n  * See /usr/share/doc/farrier/CHANGELOG.md.\n\n -- Farrier <farrier@localhost>  %s\n' \
        "$version" "$(date -uRd "@$SOURCE_DATE_EPOCH")"; } | gzip -9n >"$documents/changelog.gz"
    gzip -9nc "$repository/CHANGELOG.md" >"$documents/CHANGELOG.md.gz"
    # What the units' comments and the manual page point to.
    gzip -9nc "$repository/src/site/markdown/install.md" >"$documents/install.md.gz"
    verbs=$(every_verb | paste -sd' ')
    sed -e "s/@VERSION@/$version/" -e "s/@DATE@/$date/" -e "s/@VERBS@/$verbs/" "$here/farrier.8" |
        gzip -9n >"$tree/usr/share/man/man8/farrier.8.gz"
    on_a_node farrier completion bash | sed '1{/^#!/d}' >"$tree/usr/share/bash-completion/completions/farrier"
}

# What --help lists; the options' lines and the exit codes are indented otherwise.
every_verb() { on_a_node farrier --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]\+\) .*/\1/p'; }

# With this runtime, these flags and this archive; /tmp and /run are noexec.
try_every_verb() {
    local verb
    on_a_node farrier version || die "'farrier version' does not run with the linked runtime"
    for verb in $(every_verb); do
        [[ $verb == help ]] || on_a_node farrier "$verb" --help >/dev/null || die "'farrier $verb --help' does not run with the linked runtime"
    done
    on_a_node farrier version --crypto >/dev/null
    on_a_node farrier config check /etc/farrier/farrier.yaml >/dev/null
    on_a_node farrier certs ca --dir /tmp/pki >/dev/null
    local words
    words=$(on_a_node /usr/lib/farrier/runtime/bin/java @/usr/lib/farrier/jvm.options @/usr/lib/farrier/verb.options \
        -Xshare:on -jar /usr/lib/farrier/farrier.jar version 2>&1) || die "the class data archive is not taken: $words"
    agent_starts_from_archive
}

# Some cannot be archived: of JFR, or made at run time.
readonly MAX_CLASSES_OF_JAR=100

agent_starts_from_archive() {
    cat >"$work/out/start.sh" <<'SH'
printf 'mode: observe\nstate_dir: /tmp/state\n' >/tmp/farrier.yaml
chmod 755 /tmp
export NOTIFY_SOCKET=/tmp/nobody
timeout -s TERM 10 /usr/lib/farrier/runtime/bin/java @/usr/lib/farrier/jvm.options @/usr/lib/farrier/agent.options \
    -Xlog:class+load:file=/tmp/out/loaded -jar /usr/lib/farrier/farrier.jar agent --config /tmp/farrier.yaml >/tmp/out/words 2>&1 || true
SH
    on_a_node sh /tmp/out/start.sh
    local shared read
    shared=$(grep -c 'source: shared objects file' "$work/out/loaded") || true
    read=$(grep -c 'source: file:' "$work/out/loaded") || true
    ((shared > 2000 && read <= MAX_CLASSES_OF_JAR)) ||
        die "the agent's start takes $shared classes from the archive and $read from the jar: $(tail -n 3 "$work/out/words")"
    say "the agent's start: $shared classes from the archive, $read from the jar"
}

# What is in it (CycloneDX): the libraries, as Maven knows them, and the Java runtime that lies beside the jar.
bill_of_materials() {
    local libraries=${jar%/*}/farrier-bom.json settings
    [[ -f $libraries ]] || die "$libraries is missing, and without it nobody knows what is in the package: run 'mvn package'"
    settings=$("$home/runtime/bin/java" -XshowSettings:properties -version 2>&1)
    jq --arg version "$(sed -n 's/^ *java.runtime.version = //p' <<<"$settings")" \
        --arg number "$(sed -n 's/^ *java.version = //p' <<<"$settings")" \
        --arg vendor "$(sed -n 's/^ *java.vendor = //p' <<<"$settings")" \
        --arg modules "$(sed -n 's/^MODULES="\(.*\)"$/\1/p' "$home/runtime/release")" \
        '.components += [{
            type: "platform", "bom-ref": ("pkg:generic/openjdk@" + $version), publisher: $vendor, name: "openjdk", version: $version,
            description: "The Java runtime in /usr/lib/farrier/runtime, linked from the modules that farrier needs",
            scope: "required", purl: ("pkg:generic/openjdk@" + $version), cpe: ("cpe:2.3:a:oracle:openjdk:" + $number + ":*:*:*:*:*:*:*"),
            properties: ($modules | split(" ") | map({name: "java:module", value: .}))
        }]' "$libraries" >"$into/farrier_$version.sbom.json"
    chmod 644 "$into/farrier_$version.sbom.json"
}

# ---- the packages --------------------------------------------------------------------------------------------------------

deb() {
    local package=$into/farrier_${version}_amd64.deb root=$work/deb compression='-Zxz -z9'
    [[ $fast == no ]] || compression='-Zzstd -z1'
    cp -a "$tree" "$root"
    install -d -m 755 "$root/DEBIAN" "$root/usr/share/lintian/overrides"
    install -m 644 "$here/lintian-overrides" "$root/usr/share/lintian/overrides/farrier"
    install -m 644 "$here/conffiles" "$root/DEBIAN/conffiles"
    install -m 755 "$here"/{postinst,prerm,postrm} "$root/DEBIAN/"
    sed -e "s/@VERSION@/$version/" -e 's/@ARCHITECTURE@/amd64/' -e "s/@SIZE@/$(du -sk "$tree" | cut -f 1)/" \
        "$here/control.in" >"$root/DEBIAN/control"
    (cd "$root" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | LC_ALL=C sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
    find "$root" -newermt "@$SOURCE_DATE_EPOCH" -exec touch -hd "@$SOURCE_DATE_EPOCH" {} +
    # shellcheck disable=SC2086
    dpkg-deb --root-owner-group $compression --build "$root" "$package" >/dev/null
    [[ $fast == yes ]] || lintian --allow-root --fail-on error "$package" || die "lintian found errors in $package"
    say "$package: $(stat -c %s "$package" | numfmt --to=iec-i --suffix=B --format=%.1f)"
    echo "$package"
}

# For systems without dpkg: the same tree, and what the maintainer scripts do.
tarball() {
    local name=farrier-$version-linux-x86_64
    mkdir "$work/$name"
    mv "$tree" "$work/$name/tree"
    install -m 755 "$here/install.sh" "$work/$name/install.sh"
    tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" -C "$work" -c "$name" |
        xz -9 -T1 >"$into/$name.tar.xz"
    say "$into/$name.tar.xz: $(stat -c %s "$into/$name.tar.xz" | numfmt --to=iec-i --suffix=B --format=%.1f)"
}

# The checksums of all, and the release key's signature of each.
sums() {
    local file names
    names=$(cd "$into" && find . -maxdepth 1 -type f -name "farrier[_-]$version*" ! -name '*.sig' -printf '%P\n' | LC_ALL=C sort)
    # shellcheck disable=SC2086  # names of ours
    (cd "$into" && sha256sum $names >SHA256SUMS)
    [[ -n $key ]] || return 0
    for file in $names SHA256SUMS; do
        openssl dgst -sha256 -sign "$key" -out "$into/$file.sig" "$into/$file"
    done
    say "signed by the key $(openssl pkey -in "$key" -pubout -outform DER | sha256sum | cut -d ' ' -f 1)"
}

main "$@"
