package io.farrier.testing;

import static org.awaitility.Awaitility.await;

import io.farrier.node.Commands;
import io.farrier.node.ProcessCommands;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bouncycastle.asn1.x509.KeyPurposeId;

/**
 * Three real members of etcd on addresses of their own within 127.0.0.0/8, all on etcd's ports, with certificates as k3s
 * lays them out: a CA for clients and one for peers, a client certificate demanded by both.
 */
public final class EtcdCluster implements AutoCloseable {
    private static final int SIZE = 3;
    private static final Duration PATIENCE = Duration.ofSeconds(120); // an election takes one to two seconds

    private final Path tls;
    private final String network;
    private final List<Member> members;

    /** Starts it, and returns when all three are healthy. */
    public EtcdCluster(Path folder) throws IOException {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        this.network = "127." + random.nextInt(64, 255) + "." + random.nextInt(1, 255) + ".";
        this.tls = Files.createDirectories(folder.resolve("server/tls/etcd"));
        Minted serverCa = Minted.ca("etcd-server-ca").selfSigned();
        Minted peerCa = Minted.ca("etcd-peer-ca").selfSigned();
        Files.writeString(tls.resolve("server-ca.crt"), serverCa.pem());
        Files.writeString(tls.resolve("peer-ca.crt"), peerCa.pem());
        write(
                "client",
                Minted.server("etcd-client")
                        .extended(KeyPurposeId.id_kp_clientAuth)
                        .by(serverCa));
        write(
                "stranger",
                Minted.server("stranger")
                        .extended(KeyPurposeId.id_kp_clientAuth)
                        .by(peerCa));
        this.members = IntStream.rangeClosed(1, SIZE)
                .mapToObj(number -> new Member(number, folder))
                .toList();
        for (Member member : members) {
            write(
                    "server-client-" + member.number,
                    both("etcd-server").ip(member.address()).by(serverCa));
            write(
                    "peer-server-client-" + member.number,
                    both("etcd-peer").ip(member.address()).by(peerCa));
        }
        startAll();
    }

    private static Minted.Draft both(String name) {
        return Minted.server(name)
                .dns("localhost")
                .extended(KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth);
    }

    private void write(String name, Minted pair) throws IOException {
        Files.writeString(tls.resolve(name + ".crt"), pair.pem());
        Files.writeString(tls.resolve(name + ".key"), pair.keyPem());
    }

    /** Where a server of k3s keeps them. */
    public Path tls() {
        return tls;
    }

    /** @param number from 1 to 3 */
    public Member member(int number) {
        return members.get(number - 1);
    }

    /** Starts those that do not run. */
    public void startAll() throws IOException {
        for (Member member : members) {
            member.start();
        }
        members.forEach(member -> member.awaitSaying("\"health\":\"true\""));
    }

    @Override
    public void close() {
        members.forEach(Member::stop);
    }

    /** One etcd process. */
    public final class Member {
        private final int number;
        private final Path folder;
        private final File log;
        private final List<Process> processes = new ArrayList<>();

        private Member(int number, Path folder) {
            this.number = number;
            this.folder = folder.resolve("member-" + number);
            this.log = folder.resolve("member-" + number + ".log").toFile();
        }

        public String url() {
            return "https://" + address() + ":2379/health";
        }

        private String address() {
            return network + number;
        }

        private String peerUrl() {
            return "https://" + address() + ":2380";
        }

        private void start() throws IOException {
            if (!processes.isEmpty()) {
                return;
            }
            String client = "https://" + address() + ":2379";
            String own = tls + "/server-client-" + number;
            String peer = tls + "/peer-server-client-" + number;
            String all = members.stream()
                    .map(each -> "member-" + each.number + "=" + each.peerUrl())
                    .collect(Collectors.joining(","));
            processes.add(new ProcessBuilder(
                            "etcd",
                            "--name=member-" + number,
                            "--data-dir=" + folder,
                            "--listen-client-urls=" + client,
                            "--advertise-client-urls=" + client,
                            "--listen-peer-urls=" + peerUrl(),
                            "--initial-advertise-peer-urls=" + peerUrl(),
                            "--initial-cluster=" + all,
                            "--client-cert-auth",
                            "--trusted-ca-file=" + tls + "/server-ca.crt",
                            "--cert-file=" + own + ".crt",
                            "--key-file=" + own + ".key",
                            "--peer-client-cert-auth",
                            "--peer-trusted-ca-file=" + tls + "/peer-ca.crt",
                            "--peer-cert-file=" + peer + ".crt",
                            "--peer-key-file=" + peer + ".key")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                    .start());
        }

        /** As by kill -9. */
        public void stop() {
            processes.forEach(process -> {
                process.destroyForcibly();
                waitFor(process);
            });
            processes.clear();
        }

        /** It keeps its connections and says nothing until {@link #thaw}. */
        public void freeze() throws IOException {
            signal("-STOP");
        }

        public void thaw() throws IOException {
            signal("-CONT");
        }

        private void signal(String name) throws IOException {
            for (Process process : processes) {
                new ProcessBuilder("sh", "-c", "kill " + name + " " + process.pid()).start();
            }
        }

        /** Waits until its own words about its health, asked with curl, hold these. */
        public void awaitSaying(String words) {
            await(url() + " says " + words).atMost(PATIENCE).until(() -> health().contains(words));
        }

        private String health() throws IOException {
            Commands.Result said = new ProcessCommands()
                    .run(
                            PATIENCE,
                            List.of(
                                    "curl",
                                    "--silent",
                                    "--show-error",
                                    "--cacert",
                                    tls + "/server-ca.crt",
                                    "--cert",
                                    tls + "/client.crt",
                                    "--key",
                                    tls + "/client.key",
                                    url()));
            return said.out() + said.words();
        }

        private static void waitFor(Process process) {
            try {
                process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
