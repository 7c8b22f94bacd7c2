package io.farrier.collector.web;

import io.farrier.collector.identity.Credentials;
import io.farrier.collector.identity.Identity;
import io.farrier.secret.Secret;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/** Lets viewers in: by {@code Authorization: Bearer}, or by the cookie that the login form sets. */
final class Doorkeeper {
    /** The prefix makes browsers insist on Secure, Path=/ and no Domain. */
    static final String COOKIE = "__Host-farrier";

    private static final int IPV6_NETWORK_BYTES = 8;

    private final Identity identity;

    Doorkeeper(Identity identity) {
        this.identity = identity;
    }

    /** Everything that reads. */
    void requireViewer(RoutingContext request) {
        if (hasOpenSession(request)) {
            request.next();
            return;
        }
        Optional<Secret> presented = bearer(request);
        if (presented.isEmpty()) {
            refuse(request, 401, "Log in, or send 'Authorization: Bearer' with the token of viewer.token.");
        } else if (admits(request, presented.get())) {
            request.next();
        }
    }

    /** The page itself: people are sent to the form. */
    void requireSession(RoutingContext request) {
        if (hasOpenSession(request)) {
            request.next();
            return;
        }
        request.response()
                .setStatusCode(303)
                .putHeader(HttpHeaders.LOCATION, "/login")
                .end();
    }

    void login(RoutingContext request) {
        String token = request.request().getFormAttribute("token");
        if (token == null || token.isEmpty()) {
            refuse(request, 400, "The form holds no token.");
        } else if (admits(request, Secret.of(token.trim()))) {
            request.response()
                    .addCookie(cookie(identity.sessions().open()))
                    .setStatusCode(303)
                    .putHeader(HttpHeaders.LOCATION, "/")
                    .end();
        }
    }

    void logout(RoutingContext request) {
        sessionId(request).ifPresent(identity.sessions()::close);
        HttpServerResponse response = request.response();
        response.addCookie(cookie("").setMaxAge(0))
                .setStatusCode(303)
                .putHeader(HttpHeaders.LOCATION, "/login")
                .end();
    }

    /** Answers itself when it does not. */
    private boolean admits(RoutingContext request, Secret presented) {
        String address = networkOf(request);
        if (identity.throttle().isBlocked(address)) {
            refuse(request, 429, "Too many wrong tokens from this address. Try again in a minute.");
            return false;
        }
        if (identity.credentials().viewer().equals(presented)) {
            return true;
        }
        identity.throttle().failed(address);
        if (identity.credentials().agent().equals(presented)) {
            refuse(request, 403, "This is the agents' token. It opens /feed only; take the one of viewer.token.");
        } else {
            refuse(request, 401, "This is not the token of viewer.token.");
        }
        return false;
    }

    private boolean hasOpenSession(RoutingContext request) {
        return sessionId(request).filter(identity.sessions()::isOpen).isPresent();
    }

    private static Optional<String> sessionId(RoutingContext request) {
        return Optional.ofNullable(request.request().getCookie(COOKIE)).map(Cookie::getValue);
    }

    private static Optional<Secret> bearer(RoutingContext request) {
        return Credentials.bearer(Optional.ofNullable(request.request().getHeader(HttpHeaders.AUTHORIZATION)));
    }

    private static Cookie cookie(String value) {
        return Cookie.cookie(COOKIE, value)
                .setPath("/")
                .setSecure(true)
                .setHttpOnly(true)
                .setSameSite(CookieSameSite.STRICT);
    }

    private static void refuse(RoutingContext request, int status, String sentence) {
        if (status == 401) {
            request.response().putHeader("WWW-Authenticate", "Bearer");
        }
        request.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, "text/plain; charset=utf-8")
                .end(sentence + "\n");
    }

    /** What counts as one asker: one IPv6 customer holds a whole /64. */
    static String networkOf(RoutingContext request) {
        return addressOf(request)
                .map(address -> address instanceof Inet6Address
                        ? HexFormat.of().formatHex(Arrays.copyOf(address.getAddress(), IPV6_NETWORK_BYTES))
                        : address.getHostAddress())
                .orElse("");
    }

    static Optional<InetAddress> addressOf(RoutingContext request) {
        String host = request.request().remoteAddress().hostAddress();
        try {
            return host == null ? Optional.empty() : Optional.of(InetAddress.getByName(host));
        } catch (UnknownHostException notAnAddress) {
            return Optional.empty();
        }
    }
}
