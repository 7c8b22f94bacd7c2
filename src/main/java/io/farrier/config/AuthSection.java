package io.farrier.config;

import static io.farrier.config.Property.optional;
import static io.farrier.config.Property.required;

import io.farrier.image.RegistryHost;
import io.farrier.secret.Secret;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A login at a registry. */
final class AuthSection {
    static final Property<String> USERNAME = required("username", ScalarType.text("a user name"), "Who logs in.");
    static final Property<FileType.Content<Secret>> PASSWORD_FILE =
            required("password_file", FileType.secret(), "File with the password or token, in one line.");

    static final Property<List<String>> REALM_HOSTS = optional(
            "realm_hosts",
            ListType.inOrder(ScalarType.text("a host name", AuthSection::isHostName)),
            "Token servers on other hosts that may be given this login; the registry's own always may.");

    static final Section<FarrierConfig.Login> TYPE = Section.of(
            values -> new FarrierConfig.Login(
                    values.get(USERNAME),
                    values.get(PASSWORD_FILE).value(),
                    values.list(REALM_HOSTS).stream()
                            .map(host -> host.toLowerCase(Locale.ROOT))
                            .collect(Collectors.toUnmodifiableSet())),
            USERNAME,
            PASSWORD_FILE,
            REALM_HOSTS);

    private AuthSection() {}

    private static boolean isHostName(String text) {
        try {
            return RegistryHost.parse(text).port().isEmpty();
        } catch (IllegalArgumentException noHost) {
            return false;
        }
    }
}
