package io.farrier.collector.web;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The page's files, a fixed list out of the jar: there is no path that a request could walk. */
final class Assets {
    static final String PAGE = "index.html";
    static final String LOGIN = "login.html";
    static final List<String> PUBLIC = List.of(
            "style.css",
            "login.js",
            "icon.svg",
            "app.js",
            "api.js",
            "dom.js",
            "format.js",
            "fleet.js",
            "node.js",
            "logs.js");

    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "svg", "image/svg+xml");

    private final Map<String, Buffer> files = new LinkedHashMap<>();

    Assets() throws IOException {
        load(PAGE);
        load(LOGIN);
        for (String name : PUBLIC) {
            load(name);
        }
    }

    void send(RoutingContext request, String name) {
        Buffer file = files.get(name);
        String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
        if (file == null || type == null) {
            request.response().setStatusCode(404).end();
            return;
        }
        request.response().putHeader(HttpHeaders.CONTENT_TYPE, type).end(file);
    }

    private void load(String name) throws IOException {
        try (InputStream in = Assets.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException("Tried to read " + name + " from the jar but it is not there: a broken build.");
            }
            files.put(name, Buffer.buffer(in.readAllBytes()));
        }
    }
}
