package io.farrier.collector.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class QueryPoolTest {
    @Test
    void whoeverComesWhenTooManyWaitIsToldSoAtOnceAndTheOthersAreAnswered() throws Exception {
        Vertx vertx = Vertx.vertx();
        CountDownLatch over = new CountDownLatch(1);
        try (QueryPool pool = new QueryPool()) {
            Context context = vertx.getOrCreateContext();
            List<Future<Boolean>> asked = new ArrayList<>();
            for (int i = 0; i < 2 + 64; i++) {
                asked.add(pool.ask(context, () -> over.await(60, TimeUnit.SECONDS)));
            }

            Future<Boolean> tooMany = pool.ask(context, () -> true);

            assertThat(tooMany.cause()).isInstanceOf(RejectedExecutionException.class);
            over.countDown();
            for (Future<Boolean> answer : asked) {
                assertThat(answer.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS))
                        .isTrue();
            }
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
        }
    }
}
