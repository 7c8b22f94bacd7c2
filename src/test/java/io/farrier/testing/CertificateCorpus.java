package io.farrier.testing;

import static io.farrier.testing.Minted.ca;
import static io.farrier.testing.Minted.server;

import io.farrier.secret.Secret;
import io.farrier.transport.Trust.ClientPair;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;

/**
 * Servers, good and bad, each on a port of its own, with the CA a node is given for it. What is right about each is not
 * said here: real daemons say it.
 */
public final class CertificateCorpus implements AutoCloseable {
    /** As practice nodes know {@link #address}. */
    public static final String NAME = "host.practice";

    private static final Duration PAST = Duration.ofDays(-2);
    private static final Duration FUTURE = Duration.ofDays(2);

    private final String address;
    private final Map<String, Case> cases = new LinkedHashMap<>();
    private final List<TinyRegistry> servers = new ArrayList<>();

    /**
     * @param host {@code name:port}
     * @param trusted PEM, what lies in the registry's folder of certs.d
     */
    public record Case(String name, String host, String trusted, Optional<ClientPair> client) {
        @Override
        public String toString() {
            return name + " (" + host + ")";
        }
    }

    /** @param address where the servers listen */
    public CertificateCorpus(String address) {
        this.address = address;
        good();
        authorities();
        dates();
        names();
        usages();
        algorithms();
        constraints();
        handshakes();
        clients();
    }

    /** One more, that runs elsewhere. */
    public void add(String name, String host, String trusted) {
        cases.put(name, new Case(name, host, trusted, Optional.empty()));
    }

    public List<Case> cases() {
        return List.copyOf(cases.values());
    }

    private void good() {
        Minted root = ca("Good Root").selfSigned();
        Minted middle = ca("Good Intermediate").by(root);
        add("good", root, server("x").dns(NAME).by(root));
        add("good with an intermediate", root, server("x").dns(NAME).by(middle), middle);
        add("good with its root sent", root, server("x").dns(NAME).by(middle), middle, root);
        add(
                "good with strangers sent",
                root,
                server("x").dns(NAME).by(middle),
                ca("Nobody").selfSigned(),
                middle);
        add("good intermediate as anchor", middle, server("x").dns(NAME).by(middle));
        add("good wildcard", root, server("x").dns("*.practice").by(root));
        add("good in upper case", root, server("x").dns("HOST.Practice").by(root));
        addAt(address, "good by address", root.pem(), server("x").ip(address).by(root));
        add(
                "good for servers and clients",
                root,
                server("x")
                        .dns(NAME)
                        .extended(KeyPurposeId.id_kp_clientAuth, KeyPurposeId.id_kp_serverAuth)
                        .by(root));
        add(
                "good for any usage",
                root,
                server("x").dns(NAME).extended(KeyPurposeId.anyExtendedKeyUsage).by(root));
        add("good without key ids", root, server("x").dns(NAME).withoutKeyIds().by(root));
        Minted alone = server("Alone").dns(NAME).selfSigned();
        add("good and alone", alone, alone);
        Minted rsa = ca("RSA Root").rsa(2048).selfSigned();
        add("good RSA", rsa, server("x").dns(NAME).keysOf(rsa).by(rsa));
        Minted small = ca("Small Root").rsa(1024).selfSigned();
        add("good RSA of 1024 bits", small, server("x").dns(NAME).keysOf(small).by(small));
        Minted edwards = ca("Edwards Root").ed25519().selfSigned();
        add("good Ed25519", edwards, server("x").dns(NAME).ed25519().by(edwards));
        Minted old = ca("Version 1 Root").version1().selfSigned();
        add("good below a root of version 1", old, server("x").dns(NAME).by(old));
        Minted sha1 = ca("SHA-1 Root").keysOf(rsa).signedWith("SHA1withRSA").selfSigned();
        add(
                "good below a root that signed itself with SHA-1",
                sha1,
                server("x").dns(NAME).keysOf(rsa).by(sha1));
        Minted bare = ca("Bare Root").usage(KeyUsage.keyCertSign).selfSigned();
        addAt(
                NAME,
                "good with two CAs to choose from",
                root.pem() + bare.pem(),
                server("x").dns(NAME).by(bare));
    }

    private void authorities() {
        Minted root = ca("Root").selfSigned();
        Minted middle = ca("Intermediate").by(root);
        Minted other = ca("Other Root").selfSigned();
        Minted again = ca("Root").selfSigned();
        add("unknown authority", other, server("x").dns(NAME).by(root));
        Minted alone = server("Alone").dns(NAME).selfSigned();
        add("self-signed", root, alone);
        add("missing intermediate", root, server("x").dns(NAME).by(middle));
        add(
                "wrong intermediate sent",
                root,
                server("x").dns(NAME).by(middle),
                ca("Intermediate").by(other));
        add("CA made anew", again, server("x").dns(NAME).by(root));
        add(
                "CA made anew, without key ids",
                again,
                server("x").dns(NAME).withoutKeyIds().by(root));
        Minted rsa = ca("RSA Root").rsa(2048).selfSigned();
        Minted rsaAgain = ca("RSA Root").rsa(2048).selfSigned();
        add("RSA CA made anew", rsaAgain, server("x").dns(NAME).keysOf(rsa).by(rsa));
        Minted edwards = ca("Ed Root").ed25519().selfSigned();
        add(
                "Ed25519 CA made anew",
                ca("Ed Root").ed25519().selfSigned(),
                server("x").dns(NAME).by(edwards));
        Minted leaf = server("Leaf").dns("other.test").isNoCa().by(root);
        add("leaf given as CA", leaf, server("x").dns(NAME).by(leaf));
        Minted bare = ca("Bare").withoutBasicConstraints().selfSigned();
        add("CA without basic constraints", bare, server("x").dns(NAME).by(bare));
        Minted unsigning = ca("No Signer").usage(KeyUsage.digitalSignature).selfSigned();
        add("CA that may not sign", unsigning, server("x").dns(NAME).by(unsigning));
        Minted pretender = server("Pretender").isNoCa().by(root);
        add("intermediate that is no CA", root, server("x").dns(NAME).by(pretender), pretender);
        Minted version1 = ca("Version 1 Intermediate").version1().by(root);
        add("intermediate of version 1", root, server("x").dns(NAME).by(version1), version1);
        Minted deep = ca("Deep").isCa(0).selfSigned();
        Minted below = ca("Below").by(deep);
        add("path too long", deep, server("x").dns(NAME).by(below), below);
    }

    private void dates() {
        Minted root = ca("Root").selfSigned();
        add("expired", root, server("x").dns(NAME).to(PAST).by(root));
        add("not yet valid", root, server("x").dns(NAME).from(FUTURE).by(root));
        Minted late = ca("Late").to(PAST).by(root);
        add("expired intermediate", root, server("x").dns(NAME).by(late), late);
        Minted early = ca("Early").from(FUTURE).by(root);
        add("intermediate not yet valid", root, server("x").dns(NAME).by(early), early);
        Minted gone = ca("Gone Root").to(PAST).selfSigned();
        add("expired root", gone, server("x").dns(NAME).by(gone));
        Minted stranger = ca("Stranger").selfSigned();
        add(
                "expired, wrong name, unknown authority",
                root,
                server("x").dns("other.test").to(PAST).by(stranger));
        add(
                "not yet valid and unknown authority",
                root,
                server("x").dns(NAME).from(FUTURE).by(stranger));
        Minted alone = server("Alone").dns(NAME).to(PAST).selfSigned();
        add("trusted itself and expired", alone, alone);
    }

    private void names() {
        Minted root = ca("Root").selfSigned();
        Minted stranger = ca("Stranger").selfSigned();
        add("wrong name", root, server("x").dns("other.test").by(root));
        add(
                "many wrong names",
                root,
                server("x").dns("a.test", "b.test", "*.c.test").ip("10.1.2.3").by(root));
        add("wildcard too deep", root, server("x").dns("*.host.practice").by(root));
        add("wildcard inside", root, server("x").dns("h*.practice").by(root));
        add("address instead of the name", root, server("x").ip(address).by(root));
        add("common name only", root, server(NAME).by(root));
        add("common name only and unknown authority", root, server(NAME).by(stranger));
        add("other common name only", root, server("other.test").by(root));
        Minted alone = server(NAME).selfSigned();
        add("trusted itself with a common name only", alone, alone);
        String trusted = root.pem();
        addAt(address, "no address", trusted, server("x").dns(NAME).by(root));
        addAt(
                address,
                "no address and unknown authority",
                trusted,
                server("x").dns(NAME).by(stranger));
        addAt(address, "address as a name", trusted, server("x").dns(address).by(root));
        addAt(address, "address in the common name", trusted, server(address).by(root));
        addAt(
                address,
                "other addresses",
                trusted,
                server("x").ip("10.1.2.3", "2001:db8::1:0:0:1").by(root));
    }

    private void usages() {
        Minted root = ca("Root").selfSigned();
        add(
                "for clients only",
                root,
                server("x").dns(NAME).extended(KeyPurposeId.id_kp_clientAuth).by(root));
        Minted clients = ca("Clients").extended(KeyPurposeId.id_kp_clientAuth).by(root);
        add(
                "below an intermediate for clients only",
                root,
                server("x").dns(NAME).by(clients),
                clients);
        Minted clientRoot =
                ca("Client Root").extended(KeyPurposeId.id_kp_clientAuth).selfSigned();
        add("below a root for clients only", clientRoot, server("x").dns(NAME).by(clientRoot));
        add(
                "strange critical extension",
                root,
                server("x").dns(NAME).strangeExtension().by(root));
        Minted strange = ca("Strange").strangeExtension().by(root);
        add(
                "intermediate with a strange critical extension",
                root,
                server("x").dns(NAME).by(strange),
                strange);
        add("negative serial number", root, server("x").dns(NAME).serial(-5).by(root));
        add(
                "for clients only, wrong name",
                root,
                server("x")
                        .dns("other.test")
                        .extended(KeyPurposeId.id_kp_clientAuth)
                        .by(root));
    }

    private void algorithms() {
        Minted rsa = ca("RSA Root").rsa(2048).selfSigned();
        Minted ec = ca("EC Root").selfSigned();
        add(
                "SHA-1",
                rsa,
                server("x").dns(NAME).keysOf(rsa).signedWith("SHA1withRSA").by(rsa));
        add(
                "MD5",
                rsa,
                server("x").dns(NAME).keysOf(rsa).signedWith("MD5withRSA").by(rsa));
        add(
                "ECDSA with SHA-1",
                ec,
                server("x").dns(NAME).signedWith("SHA1withECDSA").by(ec));
        Minted weak = ca("Weak").keysOf(rsa).signedWith("SHA1withRSA").by(rsa);
        add(
                "intermediate signed with SHA-1",
                rsa,
                server("x").dns(NAME).keysOf(rsa).by(weak),
                weak);
        Minted tiny = ca("Tiny Root").rsa(512).selfSigned();
        add("CA of 512 bits", tiny, server("x").dns(NAME).by(tiny));
        add(
                "RSA-PSS",
                rsa,
                server("x")
                        .dns(NAME)
                        .keysOf(rsa)
                        .signedWith("SHA256withRSAandMGF1")
                        .by(rsa));
        Minted stranger = ca("RSA Root").keysOf(rsa).signedWith("SHA1withRSA").selfSigned();
        add(
                "SHA-1 and a root of the same key",
                stranger,
                server("x").dns(NAME).keysOf(rsa).signedWith("SHA1withRSA").by(rsa));
    }

    private void constraints() {
        Minted permits = ca("Permits").permitted(dns("example.com")).selfSigned();
        add("name not permitted", permits, server("x").dns(NAME).by(permits));
        Minted allows = ca("Allows").permitted(dns("practice")).selfSigned();
        add("good and permitted", allows, server("x").dns(NAME).by(allows));
        add(
                "one of two names not permitted",
                allows,
                server("x").dns(NAME, "a.example.com").by(allows));
        Minted excludes = ca("Excludes").excluded(dns("practice")).selfSigned();
        add("name excluded", excludes, server("x").dns(NAME).by(excludes));
        Minted network = ca("Network")
                .permitted(new GeneralName(GeneralName.iPAddress, "192.168.0.0/16"))
                .selfSigned();
        addAt(
                address,
                "address not permitted",
                network.pem(),
                server("x").ip(address).by(network));
        Minted forbids = ca("Forbids")
                .excluded(new GeneralName(GeneralName.iPAddress, "10.0.0.0/8"))
                .selfSigned();
        addAt(
                address,
                "address excluded",
                forbids.pem(),
                server("x").ip(address).by(forbids));
    }

    private static GeneralName dns(String name) {
        return new GeneralName(GeneralName.dNSName, name);
    }

    private void handshakes() {
        String trusted = ca("Root").selfSigned().pem();
        put(
                "HTTP 400",
                trusted,
                TinyRegistry.saying(
                        address, "HTTP/1.0 400 Bad Request\r\n\r\nWhat?".getBytes(StandardCharsets.US_ASCII)));
        put(
                "SSH",
                trusted,
                TinyRegistry.saying(address, "SSH-2.0-OpenSSH_9.2\r\n".getBytes(StandardCharsets.US_ASCII)));
        put("nothing at all", trusted, TinyRegistry.saying(address, new byte[0]));
        put("reset", trusted, TinyRegistry.resetting(address));
        // Alert records: type 21, version 3.3, two bytes: fatal, and which (RFC 8446, section 6).
        put("handshake failure", trusted, saying("15 0303 0002 02 28"));
        put("protocol version refused", trusted, saying("15 0303 0002 02 46"));
        put("unrecognized name", trusted, saying("15 0303 0002 02 70"));
        put("internal error", trusted, saying("15 0303 0002 02 50"));
        put("access denied", trusted, saying("15 0303 0002 02 31"));
        put("insufficient security", trusted, saying("15 0303 0002 02 47"));
        // ServerHello of TLS 1.0: random, no session, TLS_RSA_WITH_AES_128_CBC_SHA.
        put("TLS 1.0", trusted, saying("16 0301 002a 02 000026 0301" + "ab".repeat(32) + "00 002f 00"));
        try (TinyRegistry gone = TinyRegistry.resetting(address)) {
            String host = NAME + ":" + gone.port();
            cases.put("nobody there", new Case("nobody there", host, trusted, Optional.empty()));
        }
    }

    private TinyRegistry saying(String hex) {
        return TinyRegistry.saying(address, HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    private void clients() {
        Minted root = ca("Root").selfSigned();
        Minted clients = ca("Clients").selfSigned();
        Minted right = server("client").extended(KeyPurposeId.id_kp_clientAuth).by(clients);
        Minted wrong = server("client").extended(KeyPurposeId.id_kp_clientAuth).by(root);
        client("good with a client certificate", root, clients, Optional.of(right));
        client("client certificate wanted", root, clients, Optional.empty());
        client("client certificate of another CA", root, clients, Optional.of(wrong));
    }

    private void client(String name, Minted root, Minted clients, Optional<Minted> shown) {
        Minted leaf = server("x").dns(NAME).by(root);
        TinyRegistry registry = TinyRegistry.tls(
                address,
                0,
                leaf.key(),
                List.of(leaf.certificate()),
                Optional.of(clients.certificate()),
                (method, target, headers) -> null);
        servers.add(registry);
        cases.put(
                name,
                new Case(
                        name,
                        NAME + ":" + registry.port(),
                        root.pem(),
                        shown.map(pair -> new ClientPair(
                                pair.pem().getBytes(StandardCharsets.US_ASCII), Secret.of(pair.keyPem())))));
    }

    private void add(String name, Minted trusted, Minted leaf, Minted... others) {
        put(name, trusted.pem(), TinyRegistry.tls(address, leaf, certificates(others)));
    }

    private static X509Certificate[] certificates(Minted... minted) {
        return java.util.Arrays.stream(minted).map(Minted::certificate).toArray(X509Certificate[]::new);
    }

    private void addAt(String host, String name, String trusted, Minted leaf) {
        TinyRegistry registry = TinyRegistry.tls(address, leaf);
        servers.add(registry);
        cases.put(name, new Case(name, host + ":" + registry.port(), trusted, Optional.empty()));
    }

    private void put(String name, String trusted, TinyRegistry registry) {
        servers.add(registry);
        cases.put(name, new Case(name, NAME + ":" + registry.port(), trusted, Optional.empty()));
    }

    @Override
    public void close() {
        servers.forEach(TinyRegistry::close);
    }
}
