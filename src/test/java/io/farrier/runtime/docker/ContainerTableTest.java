package io.farrier.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.sample.ContainerSample;
import io.farrier.testing.CannedServer;
import io.farrier.transport.Http;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How often dockerd is asked. What its answers mean is proven with a real one. */
final class ContainerTableTest {
    private final Vertx vertx = Vertx.vertx();
    private final Http http = new Http(vertx);
    /** Name of a container, and Docker's words for how it is. */
    private final Map<String, String> status = new ConcurrentHashMap<>();

    private CannedServer dockerd;
    private DockerRuntime runtime;

    @BeforeEach
    void start() throws Exception {
        dockerd = CannedServer.onSocket(this::answer);
        runtime = new DockerRuntime(http, dockerd.socket());
    }

    @AfterEach
    void stop() throws Exception {
        http.close();
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        dockerd.close();
    }

    private void answer(HttpServerRequest request) {
        if (request.path().equals("/_ping")) {
            request.response().putHeader("Api-Version", "1.41").end("OK");
        } else if (request.path().endsWith("/containers/json")) {
            String lines = status.entrySet().stream()
                    .map(entry -> "{\"Id\":\"%s\",\"Names\":[\"/%s\"],\"State\":\"running\",\"Status\":\"%s\"}"
                            .formatted(entry.getKey(), entry.getKey(), entry.getValue()))
                    .reduce((a, b) -> a + "," + b)
                    .orElse("");
            request.response().end("[" + lines + "]");
        } else {
            String id = request.path().split("/")[3];
            if (status.containsKey(id)) {
                request.response()
                        .end("{\"Id\":\"%s\",\"Name\":\"/%s\",\"State\":{\"Status\":\"running\",\"ExitCode\":0}}"
                                .formatted(id, id));
            } else {
                request.response().setStatusCode(404).end("{\"message\":\"No such container: " + id + "\"}");
            }
        }
    }

    @Test
    void asksOnceForThirtyContainersWithWhichNothingHappened() throws Exception {
        for (int i = 0; i < 30; i++) {
            status.put("c" + i, "Up 5 hours");
        }
        assertThat(runtime.containers()).hasSize(30);
        int before = dockerd.asked().size();

        assertThat(runtime.containers()).hasSize(30);

        assertThat(dockerd.asked().subList(before, dockerd.asked().size()))
                .containsExactly("GET /v1.41/containers/json?all=true");
    }

    @Test
    void inspectsOnlyTheOneThatBeganAnew() throws Exception {
        status.put("old", "Up 5 hours");
        status.put("restarted", "Up 5 hours");
        runtime.containers();
        int before = dockerd.asked().size();

        status.put("restarted", "Up 2 seconds");
        runtime.containers();

        assertThat(dockerd.asked().subList(before, dockerd.asked().size()))
                .containsExactly("GET /v1.41/containers/json?all=true", "GET /v1.41/containers/restarted/json");
    }

    @Test
    void aContainerThatOnlyGrowsOlderIsNotInspectedAgain() throws Exception {
        status.put("c", "Up About a minute");
        runtime.containers();
        int before = dockerd.asked().size();

        for (String older : List.of("Up 2 minutes", "Up 59 minutes", "Up About an hour", "Up 3 days")) {
            status.put("c", older);
            assertThat(runtime.containers()).hasSize(1);
        }
        assertThat(dockerd.asked().subList(before, dockerd.asked().size()))
                .allMatch(asked -> asked.endsWith("/containers/json?all=true"));

        status.put("c", "Up 2 days");
        runtime.containers();
        assertThat(dockerd.asked()).last().isEqualTo("GET /v1.41/containers/c/json");
    }

    @Test
    void aYoungContainerIsInspectedAgainOnlyWhileItMayHaveBegunSinceTheLastLook() throws Exception {
        status.put("young", "Up 20 seconds");
        status.put("new", "Up 1 second");
        runtime.containers();
        int before = dockerd.asked().size();

        status.put("young", "Up 21 seconds");
        status.put("new", "Up 2 seconds");
        runtime.containers();

        assertThat(dockerd.asked().subList(before, dockerd.asked().size()))
                .containsExactly("GET /v1.41/containers/json?all=true", "GET /v1.41/containers/new/json");
    }

    @Test
    void leavesOutWhatWentAwayBetweenListAndInspect() throws Exception {
        status.put("stays", "Up 1 second");
        CannedServer forgetful = CannedServer.onSocket(request -> {
            answer(request);
            if (request.path().endsWith("/containers/json")) {
                status.remove("goes");
            }
        });
        status.put("goes", "Up 1 second");

        List<ContainerSample> seen = new DockerRuntime(http, forgetful.socket()).containers();

        assertThat(seen).extracting(ContainerSample::id).containsExactly("stays");
        forgetful.close();
    }

    @Test
    void doesNotAskForAVersionAgain() throws Exception {
        runtime.containers();
        runtime.containers();

        assertThat(dockerd.asked()).filteredOn("GET /_ping"::equals).hasSize(1);
    }
}
