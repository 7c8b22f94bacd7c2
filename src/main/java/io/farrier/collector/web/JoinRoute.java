package io.farrier.collector.web;

import com.fasterxml.jackson.databind.JsonNode;
import io.farrier.collector.identity.Credentials;
import io.farrier.collector.identity.Identity;
import io.farrier.collector.identity.Joins;
import io.farrier.collector.identity.NodeKey;
import io.farrier.collector.identity.NodeName;
import io.farrier.secret.Secret;
import io.vertx.core.Context;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.net.InetAddress;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /join}: a node shows a join token, its own key and its name, and gets the token that it feeds with. 200
 * {@code {"token": ...}}; 202 when the operator has to say yes first; 401 or 403 with a sentence.
 */
final class JoinRoute {
    private static final Logger LOG = LoggerFactory.getLogger(JoinRoute.class);

    private final Identity identity;
    private final QueryPool threads;
    private final Context context;

    JoinRoute(Identity identity, QueryPool threads, Context context) {
        this.identity = identity;
        this.threads = threads;
        this.context = context;
    }

    /** What a node asks. */
    private record Ask(Secret token, NodeName node, NodeKey key, InetAddress from) {}

    void join(RoutingContext request) {
        String network = Doorkeeper.networkOf(request);
        if (identity.throttle().isBlocked(network)) {
            refuse(request, 429, "Too many wrong tokens from this address. Try again in a minute.");
            return;
        }
        Optional<Ask> ask = read(request);
        ask.ifPresent(asked -> threads.ask(
                        context, () -> identity.joins().ask(asked.token, asked.node, asked.key, asked.from))
                .onSuccess(answer -> answer(request, asked, network, answer))
                .onFailure(failure -> {
                    LOG.warn("Could not let {} join: {}", asked.node, failure.getMessage());
                    refuse(request, 503, "The collector could not write down who joins; its journal says why.");
                }));
    }

    /** Empty when it has answered what is wrong. */
    private static Optional<Ask> read(RoutingContext request) {
        Optional<Secret> token =
                Credentials.bearer(Optional.ofNullable(request.request().getHeader(HttpHeaders.AUTHORIZATION)));
        Optional<InetAddress> from = Doorkeeper.addressOf(request);
        if (token.isEmpty() || from.isEmpty()) {
            refuse(request, 401, "To join takes 'Authorization: Bearer' with a join token.");
            return Optional.empty();
        }
        try {
            JsonNode body = Json.parse(request.body().asString());
            NodeName node = new NodeName(body.path("node").asText());
            NodeKey key = NodeKey.of(Optional.ofNullable(request.request().getHeader(NodeKey.HEADER))
                    .orElse(""));
            return Optional.of(new Ask(token.get(), node, key, from.get()));
        } catch (IllegalArgumentException wrong) {
            refuse(request, 400, "To join takes {\"node\": NAME} and a node's key: " + wrong.getMessage() + ".");
            return Optional.empty();
        }
    }

    private void answer(RoutingContext request, Ask ask, String network, Joins.Answer answer) {
        if (answer instanceof Joins.Answer.Welcome welcome) {
            LOG.info("Node {} joined from {}", ask.node, ask.from.getHostAddress());
            request.response()
                    .putHeader(HttpHeaders.CONTENT_TYPE, Api.CONTENT_TYPE)
                    .end(Json.write(Json.object().put("token", welcome.token().reveal())));
        } else if (answer instanceof Joins.Answer.No no) {
            LOG.warn("Node {} may not join from {}: {}", ask.node, ask.from.getHostAddress(), no.reason());
            if (no.wasUnknown()) {
                identity.throttle().failed(network);
            }
            refuse(request, no.wasUnknown() ? 401 : 403, no.reason());
        } else {
            refuse(request, 202, "Waits for the operator: farrier collector approve " + ask.node);
        }
    }

    private static void refuse(RoutingContext request, int status, String sentence) {
        request.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, "text/plain; charset=utf-8")
                .end(sentence + "\n");
    }
}
