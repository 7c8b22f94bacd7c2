package io.farrier.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.PrivateKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrivateKeysTest {
    @ParameterizedTest
    @CsvSource({
        "client.key,       client.cert",
        "client-pkcs1.key, client.cert",
        "ec.key,           ec.cert",
        "ec-sec1.key,      ec.cert",
        "ed25519.key,      ed25519.cert"
    })
    void knowsTheKeyOfACertificate(String key, String certificate) {
        assertThat(PrivateKeys.belongsTo(certificate(certificate), key(key))).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"client.key, ca.crt", "client.key, ec.cert", "ec.key, client.cert", "ed25519.key, ec.cert"})
    void knowsAStrangersKey(String key, String certificate) {
        assertThat(PrivateKeys.belongsTo(certificate(certificate), key(key))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"encrypted.key", "encrypted-traditional.key"})
    void refusesAKeyThatNeedsAPassphrase(String name) {
        assertThatThrownBy(() -> key(name))
                .isInstanceOf(InvalidPemException.class)
                .hasMessageMatching(".*(passphrase|encrypted keys).*");
    }

    @Test
    void refusesACertificateInPlaceOfAKey() {
        assertThatThrownBy(() -> key("ca.crt"))
                .isInstanceOf(InvalidPemException.class)
                .hasMessage("holds no private key: line 1 is '-----BEGIN CERTIFICATE-----'");
    }

    private static PrivateKey key(String name) {
        return PrivateKeys.parsePem(PemFixture.bytes(name));
    }

    private static Certificate certificate(String name) {
        return Certificates.parsePem(PemFixture.bytes(name)).get(0);
    }
}
