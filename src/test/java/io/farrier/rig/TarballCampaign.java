package io.farrier.rig;

import static io.farrier.testing.SystemdNode.REGISTRY;
import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.testing.SystemdNode;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * The life of what is installed from the tarball, on a machine with systemd; each step stands on the one before. The machine
 * is a Debian: of SELinux there is only somebody who notes what {@code restorecon} is told.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class TarballCampaign {
    private static final String UNPACKED = "/var/tmp/unpacked";
    private static final String LABELLED = "/var/tmp/restorecon";

    private static SystemdNode node;
    private static InstalledFarrier farrier;
    private static String etcDockerBefore;

    @BeforeAll
    static void boot() throws IOException {
        node = SystemdNode.up("tarball", "--disks", "one");
        farrier = new InstalledFarrier(node);
        node.unpack(SystemdNode.built("farrier.tarball"), UNPACKED);
        node.write("/usr/sbin/restorecon", "#!/bin/sh\necho \"$@\" >>" + LABELLED + "\n");
        node.shell(
                "chmod 755 /usr/sbin/restorecon; cd " + UNPACKED + "; chown -R 1234:1234 .;"
                        + " python3 -c \"import os; os.setxattr('tree/usr/lib/farrier/farrier.jar', 'user.label', b'of a home')\"");
        etcDockerBefore = farrier.etcDocker();
    }

    @AfterAll
    static void end() throws IOException {
        if (node != null) {
            node.close();
        }
    }

    @Test
    @Order(1)
    void installingStartsAnAgentThatObserves() {
        assertThat(install("")).contains("farrier is installed and observes");

        assertThat(node.property("farrier", "ActiveState")).isEqualTo("active");
        assertThat(node.property("farrier", "UnitFileState")).isEqualTo("enabled");
        assertThat(node.property("farrier-collector", "ActiveState")).isEqualTo("inactive");
        farrier.takeCa();
        farrier.configure("observe", "");
        assertThat(node.run("farrier", "plan").exited(2).out()).contains(REGISTRY);
        assertThat(farrier.etcDocker()).isEqualTo(etcDockerBefore);
    }

    @Test
    @Order(2)
    void theProgramHasTheLabelsAndTheOwnerOfItsPlaceAndTheTimesOfItsClassData() {
        assertThat(node.shell("python3 -c \"import os; print(os.listxattr('/usr/lib/farrier/farrier.jar'))\""))
                .isEqualTo("[]");
        assertThat(node.shell("find /usr/lib/farrier /usr/bin/farrier /etc/farrier -not -user 0 -o -not -group 0"))
                .isEmpty();
        assertThat(node.shell("cat " + LABELLED).split(" "))
                .contains(
                        "-R",
                        "/usr/lib/farrier",
                        "/usr/bin/farrier",
                        "/etc/farrier",
                        "/etc/systemd/system/farrier.service",
                        "/etc/systemd/system/farrier-collector.service");
        assertThat(node.shell("/usr/lib/farrier/runtime/bin/java @/usr/lib/farrier/jvm.options -Xshare:on"
                        + " -jar /usr/lib/farrier/farrier.jar version"))
                .startsWith("farrier ");
    }

    @Test
    @Order(3)
    void installingAgainRestartsTheAgentAndKeepsConfigurationAndHistory() {
        farrier.configure("keep", "changes: {restore_on_purge: true, spread: none}\n");
        node.run("farrier", "apply").succeeded();
        farrier.pull().succeeded();
        String kept = farrier.etcDocker();
        String configuration = farrier.folder("/etc/farrier");
        String history = node.shell("farrier history -o json");
        int pid = farrier.pid("farrier");

        assertThat(install("")).contains("farrier is upgraded");

        assertThat(node.property("farrier", "ActiveState")).isEqualTo("active");
        assertThat(farrier.pid("farrier")).isNotEqualTo(pid);
        assertThat(farrier.folder("/etc/farrier")).isEqualTo(configuration);
        assertThat(node.shell("farrier history -o json")).isEqualTo(history);
        assertThat(farrier.etcDocker()).isEqualTo(kept);
        assertThat(node.shell("find /usr /etc -xdev -name '*.new' -o -name 'farrier.old'"))
                .isEmpty();
    }

    @Test
    @Order(4)
    void anAgentThatItsOwnerSwitchedOffStaysOffAndACollectorThatIsOnIsRestarted() {
        node.shell("systemctl disable --now farrier; systemctl enable --now farrier-collector");
        int collector = farrier.pid("farrier-collector");

        install("");

        assertThat(node.property("farrier", "ActiveState")).isEqualTo("inactive");
        assertThat(node.property("farrier", "UnitFileState")).isEqualTo("disabled");
        assertThat(node.property("farrier-collector", "ActiveState")).isEqualTo("active");
        assertThat(farrier.pid("farrier-collector")).isNotEqualTo(collector);
    }

    @Test
    @Order(5)
    void anAgentThatCannotStartIsSaidAndFailsNoInstallation() {
        node.shell("systemctl enable --now farrier; echo 'registriez: []' >/etc/farrier/farrier.d/broken.yaml");
        assertThat(install("")).contains("'systemctl status farrier' says why");

        node.shell("rm /etc/farrier/farrier.d/broken.yaml; systemctl restart farrier");
    }

    @Test
    @Order(6)
    void uninstallingLeavesTheNodeAndItsState() {
        String kept = farrier.etcDocker();
        install("--uninstall");

        assertThat(node.shell("pgrep -c -x java || true")).isEqualTo("0");
        assertThat(farrier.etcDocker()).isEqualTo(kept).isNotEqualTo(etcDockerBefore);
        assertThat(node.shell("test ! -e /usr/lib/farrier && test -d /var/lib/farrier && echo so"))
                .isEqualTo("so");
        assertThat(node.property("farrier", "LoadState")).isEqualTo("not-found");
    }

    @Test
    @Order(7)
    void purgingWhatWasUninstalledGivesTheNodeBackAsItWas() {
        install("--purge");

        assertThat(farrier.etcDocker()).isEqualTo(etcDockerBefore);
        node.shell("rm /usr/sbin/restorecon");
        assertThat(farrier.leftovers()).isEmpty();
    }

    @Test
    @Order(8)
    void purgingARunningFarrierLeavesNothingEither() {
        install("");
        install("--purge");

        assertThat(node.shell("pgrep -c -x java || true")).isEqualTo("0");
        assertThat(farrier.etcDocker()).isEqualTo(etcDockerBefore);
        assertThat(farrier.leftovers()).isEmpty();
    }

    private static String install(String option) {
        return node.shell("sh " + UNPACKED + "/install.sh " + option);
    }
}
