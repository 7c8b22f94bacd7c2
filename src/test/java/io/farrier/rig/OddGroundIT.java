package io.farrier.rig;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.node.Commands;
import io.farrier.node.ProcessCommands;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files that cannot be replaced as usual (SAFETY 19): the real jar below a root, with real mounts in a mount namespace of
 * its own. What cannot be written is refused with the reason, and keeps nothing else from being done.
 */
final class OddGroundIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String BEFORE = "{\n  \"debug\": true\n}\n";

    @TempDir
    Path root;

    private Path daemonJson;

    @BeforeEach
    void furnish() throws IOException {
        daemonJson = write("etc/docker/daemon.json", BEFORE);
        Files.createDirectories(root.resolve("var/lib"));
        write("etc/farrier/ca.crt", Files.readString(Path.of("src/test/resources/io/farrier/pki/ca.crt")));
        write("etc/farrier/farrier.yaml", """
                mode: keep
                node: {distribution: docker}
                registries: [{host: "a.example:5000", ca: ca.crt}, {host: "plain.example:5000", insecure: true}]
                """);
    }

    private Path write(String name, String text) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    @Test
    void aFileThatIsAMountOfItsOwnIsRefusedAndTheRestIsDone() throws IOException {
        refuses("mount --bind $R/etc/docker/daemon.json $R/etc/docker/daemon.json", "is a mount of its own");
        assertThat(root.resolve("etc/docker/certs.d/a.example:5000/ca.crt")).exists();
    }

    @Test
    void aReadOnlyMountIsRefused() throws IOException {
        refuses(
                "mount --bind $R/etc/docker $R/etc/docker; mount -o remount,bind,ro $R/etc/docker",
                "is on a file system that is mounted read-only");
    }

    @Test
    void anImmutableFileIsRefused() throws IOException {
        refuses(
                "mount -t tmpfs none $R/etc/docker && printf '{}' > $R/etc/docker/daemon.json"
                        + " && chattr +i $R/etc/docker/daemon.json",
                "is immutable. Run 'chattr -i");
    }

    @Test
    void aLinkToAFileOfSomebodyElseIsRefused() throws IOException {
        Path theirs = write("home/joe/daemon.json", BEFORE);
        Files.setAttribute(theirs.getParent(), "unix:uid", 1234);
        Files.delete(daemonJson);
        Files.createSymbolicLink(daemonJson, Path.of("/home/joe/daemon.json"));
        daemonJson = theirs;
        refuses("true", "a symbolic link leads to");
    }

    @Test
    void labelsAndAccessListsAreKept() throws IOException {
        UserDefinedFileAttributeView attributes =
                Files.getFileAttributeView(daemonJson, UserDefinedFileAttributeView.class);
        attributes.write("team", ByteBuffer.wrap("platform".getBytes(StandardCharsets.UTF_8)));
        Commands.Result result = apply(
                """
                python3 - $R/etc/docker/daemon.json <<'EOF'
                import os, struct, sys
                entry = lambda tag, perm, who: struct.pack('<HHI', tag, perm, who)
                nobody = 0xffffffff
                acl = struct.pack('<I', 2) + entry(1, 6, nobody) + entry(2, 4, 1234) + entry(4, 4, nobody) \\
                    + entry(16, 4, nobody) + entry(32, 4, nobody)
                os.setxattr(sys.argv[1], 'system.posix_acl_access', acl)
                os.setxattr(sys.argv[1], 'security.selinux', b'system_u:object_r:container_config_t:s0')
                EOF
                """,
                "python3 -c \"import os,sys; p=sys.argv[1]; print(sorted(os.listxattr(p)),"
                        + " len(os.getxattr(p,'system.posix_acl_access')))\" $R/etc/docker/daemon.json");
        assertThat(result.exit()).as("%s", result).isZero();
        assertThat(daemonJson).content().contains("plain.example:5000");
        assertThat(result.out()).contains("['security.selinux', 'system.posix_acl_access', 'user.team'] 44");
    }

    /** What the overlay got from below cannot change places with anything: client pairs take two steps there. */
    @Test
    void anOverlayIsWritten() throws IOException {
        Files.createDirectories(root.resolve("etc/docker/certs.d/a.example:5000"));
        givePair();
        Commands.Result result =
                apply("""
                mkdir -p $R/over/upper $R/over/work
                mount -t overlay -o lowerdir=$R/etc,upperdir=$R/over/upper,workdir=$R/over/work none $R/etc
                """, "cat $R/etc/docker/daemon.json; ls -A $R/etc/docker/certs.d $R/etc/docker/certs.d/*");
        assertThat(result.exit()).as("%s", result).isZero();
        assertThat(result.out())
                .contains("plain.example:5000", "ca.crt\nclient.cert\nclient.key\n")
                .doesNotContain("farrier-tmp");
        assertThat(daemonJson).hasContent(BEFORE);
    }

    @Test
    void aFolderThatIsMadeAnewForAPairKeepsItsLabel() throws IOException {
        Files.createDirectories(root.resolve("etc/docker/certs.d/a.example:5000"));
        givePair();
        Commands.Result result = apply(
                """
                touch $R/etc/docker/certs.d/a.example:5000/theirs
                python3 -c "import os,sys; [os.setxattr(p, 'security.selinux', b'container_cert_t') for p in sys.argv[1:]]" \
                    $R/etc/docker/certs.d/a.example:5000 $R/etc/docker/certs.d/a.example:5000/theirs
                """,
                "python3 -c \"import os,sys; [print(os.getxattr(p, 'security.selinux')) for p in sys.argv[1:]]\""
                        + " $R/etc/docker/certs.d/a.example:5000 $R/etc/docker/certs.d/a.example:5000/theirs");
        assertThat(result.exit()).as("%s", result).isZero();
        assertThat(root.resolve("etc/docker/certs.d/a.example:5000/client.key")).exists();
        assertThat(result.out()).endsWith("b'container_cert_t'\nb'container_cert_t'\n");
    }

    private void givePair() throws IOException {
        for (String half : List.of("client.cert", "client.key")) {
            Path file =
                    write("etc/farrier/" + half, Files.readString(Path.of("src/test/resources/io/farrier/pki", half)));
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        }
        write("etc/farrier/farrier.yaml", """
                mode: keep
                node: {distribution: docker}
                registries:
                  - {host: "a.example:5000", ca: ca.crt, client: {cert: client.cert, key: client.key}}
                  - {host: "plain.example:5000", insecure: true}
                """);
    }

    /** As on systems whose /etc is an image with changes in memory; the machine's own /run is out of sight. */
    @Test
    void doctorSaysThatAnOverlayInMemoryForgets() throws IOException {
        Commands.Result result = inNamespace("""
                mkdir -p $R/mem
                mount -t tmpfs none $R/mem
                mkdir -p $R/mem/upper $R/mem/work
                mount -t tmpfs none /run
                mount -t overlay -o lowerdir=/etc,upperdir=$R/mem/upper,workdir=$R/mem/work none /etc
                mkdir -p /etc/farrier
                cp $R/etc/farrier/* /etc/farrier/
                %s doctor
                """.formatted(String.join(" ", java(), "-jar", jar())));
        assertThat(result.exit()).as("%s", result).isEqualTo(3);
        assertThat(result.out())
                .contains("What farrier writes to /etc/docker is gone after the next start of this node")
                .contains("/etc is an overlay, and its upper layer " + root.toRealPath() + "/mem/upper is in memory");
    }

    private void refuses(String odd, String because) throws IOException {
        Commands.Result result = apply(odd, "true");
        assertThat(result.exit()).as("%s", result).isEqualTo(4);
        assertThat(result.out()).as("%s", result).contains("refused", because).doesNotContain("rolled back");
        assertThat(daemonJson).hasContent(BEFORE);
    }

    /** Ends with the exit code of {@code farrier apply}. */
    private Commands.Result apply(String before, String after) throws IOException {
        return inNamespace(before + "\nset +e\n"
                + String.join(" ", List.of(java(), "-jar", jar(), "apply", "--root", "$R"))
                + "\nstatus=$?\n" + after + "\nexit $status");
    }

    private Commands.Result inNamespace(String script) throws IOException {
        return new ProcessCommands()
                .run(
                        PATIENCE,
                        List.of(
                                "unshare",
                                "--mount",
                                "--propagation",
                                "private",
                                "bash",
                                "-ec",
                                "R=" + root + "\n" + script));
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static String jar() {
        return Path.of(System.getProperty("farrier.jar", "target/farrier.jar"))
                .toAbsolutePath()
                .toString();
    }
}
