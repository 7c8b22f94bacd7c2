package io.farrier.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.collector.identity.Sessions;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every route with every credential (SAFETY 25). */
final class DoorsTest {
    @TempDir
    static Path folder;

    private static RunningCollector collector;

    @BeforeAll
    static void start() throws Exception {
        collector = new RunningCollector(folder.resolve("state"));
    }

    @AfterAll
    static void stop() throws Exception {
        collector.close();
    }

    @ParameterizedTest(name = "{0}: nobody {1}, wrong {2}, agent {3}, viewer {4}, cookie {5}")
    @CsvSource(delimiter = '|', useHeadersInDisplayName = true, textBlock = """
            route                      | nobody | wrong | agent | viewer | cookie
            /healthz                   | 200    | 200   | 200   | 200    | 200
            /login                     | 200    | 200   | 200   | 200    | 200
            /assets/style.css          | 200    | 200   | 200   | 200    | 200
            /assets/index.html         | 404    | 404   | 404   | 404    | 404
            /                          | 303    | 303   | 303   | 303    | 200
            /metrics                   | 401    | 401   | 403   | 200    | 200
            /api/nodes                 | 401    | 401   | 403   | 200    | 200
            /api/nodes/nobody          | 401    | 401   | 403   | 404    | 404
            /api/containers            | 401    | 401   | 403   | 200    | 200
            /api/images                | 401    | 401   | 403   | 200    | 200
            /api/registries            | 401    | 401   | 403   | 200    | 200
            /api/findings              | 401    | 401   | 403   | 200    | 200
            /api/losses?node=nobody    | 401    | 401   | 403   | 404    | 404
            /api/logs                  | 401    | 401   | 403   | 200    | 200
            /api/logs/live             | 401    | 401   | 403   | 200    | 200
            /api/no-such-thing         | 401    | 401   | 403   | 404    | 404
            /packages/farrier_1_a.deb  | 404    | 404   | 404   | 404    | 404
            /packages/..%2Fagent.token | 404    | 404   | 404   | 404    | 404
            /join                      | 405    | 405   | 405   | 405    | 405
            /feed                      | 401    | 401   | 426   | 401    | 401
            """)
    void whatEachCredentialOpens(String route, int nobody, int wrong, int agent, int viewer, int cookie)
            throws Exception {
        assertThat(collector.status(collector.request(route))).as("nobody").isEqualTo(nobody);
        assertThat(withToken(route, "not-the-token-but-as-long-as-one"))
                .as("wrong")
                .isEqualTo(wrong);
        assertThat(withToken(route, collector.agentToken())).as("agent").isEqualTo(agent);
        assertThat(withToken(route, collector.viewerToken())).as("viewer").isEqualTo(viewer);
        assertThat(collector.status(collector.request(route).header("Cookie", login())))
                .as("cookie")
                .isEqualTo(cookie);
    }

    @Test
    void theCookieIsForThisHostAndItsBrowserOnly() throws Exception {
        String cookie = logIn(collector.viewerToken())
                .headers()
                .firstValue("set-cookie")
                .orElseThrow();

        assertThat(cookie).startsWith("__Host-farrier=");
        assertThat(cookie.toLowerCase(Locale.ROOT).split("; "))
                .contains("secure", "httponly", "samesite=strict", "path=/")
                .noneMatch(attribute -> attribute.startsWith("domain"));
    }

    @Test
    void theCookieEndsAfterAWorkingDay() throws Exception {
        String cookie = login();
        collector.clock.advance(Sessions.LIFETIME);

        assertThat(collector.status(collector.request("/api/nodes").header("Cookie", cookie)))
                .isEqualTo(401);
    }

    @Test
    void theCookieEndsWithTheLogout() throws Exception {
        String cookie = login();
        collector.send(collector.request("/logout").header("Cookie", cookie).POST(BodyPublishers.noBody()));

        assertThat(collector.status(collector.request("/api/nodes").header("Cookie", cookie)))
                .isEqualTo(401);
    }

    @Test
    void theFormTakesNoOtherToken() throws Exception {
        forgetFailures();
        assertThat(logIn("nonsense").statusCode()).isEqualTo(401);
        assertThat(logIn(collector.agentToken()).statusCode()).isEqualTo(403);
    }

    @Test
    void afterTenWrongTokensEvenTheRightOneMustWaitAMinute() throws Exception {
        forgetFailures();
        for (int i = 0; i < 10; i++) {
            assertThat(logIn("wrong " + i).statusCode()).isEqualTo(401);
        }
        assertThat(logIn(collector.viewerToken()).statusCode()).isEqualTo(429);

        forgetFailures();
        assertThat(logIn(collector.viewerToken()).statusCode()).isEqualTo(303);
    }

    @Test
    void everyAnswerForbidsWhatABrowserShouldNotDo() throws Exception {
        for (String route : new String[] {"/", "/login", "/api/nodes", "/assets/app.js", "/no-such-page"}) {
            HttpResponse<String> answer = collector.send(collector.request(route));

            assertThat(answer.headers().firstValue("content-security-policy"))
                    .as(route)
                    .hasValueSatisfying(
                            policy -> assertThat(policy).contains("default-src 'self'", "frame-ancestors 'none'"));
            assertThat(answer.headers().firstValue("x-content-type-options")).hasValue("nosniff");
            assertThat(answer.headers().firstValue("x-frame-options")).hasValue("DENY");
            assertThat(answer.headers().firstValue("cache-control")).hasValue("no-store");
        }
    }

    @Test
    void niceErrorOnAQueryThatIsNone() throws Exception {
        assertThat(collector.viewed("/api/logs?since=yesterday"))
                .contains("since is not an instant; expected such as 2026-11-20T10:15:00Z");
        assertThat(collector.viewed("/api/logs?limit=1000000")).contains("limit is 1000000; expected 1 to 5000");
    }

    @Test
    void aRequestLineOfManyKilobytesIsRefused() throws Exception {
        HttpRequest.Builder request = collector
                .request("/api/logs?q=" + "a".repeat(20_000))
                .version(HttpClient.Version.HTTP_1_1)
                .header("Authorization", "Bearer " + collector.viewerToken());

        assertThat(collector.status(request)).isEqualTo(414);
    }

    @Test
    void metricsAreInPrometheusForm() throws Exception {
        assertThat(collector.viewed("/metrics"))
                .contains("# TYPE farrier_collector_feed_open gauge\nfarrier_collector_feed_open 0\n")
                .contains("farrier_collector_store_healthy 1\n");
    }

    /** So that the table's wrong tokens do not meet the brake on wrong tokens. */
    private static void forgetFailures() {
        collector.clock.advance(Duration.ofMinutes(2));
    }

    private static int withToken(String route, String token) throws Exception {
        forgetFailures();
        return collector.status(collector.request(route).header("Authorization", "Bearer " + token));
    }

    private static String login() throws Exception {
        forgetFailures();
        return logIn(collector.viewerToken())
                .headers()
                .firstValue("set-cookie")
                .orElseThrow()
                .split(";", 2)[0];
    }

    private static HttpResponse<String> logIn(String token) throws Exception {
        HttpRequest.Builder form = collector
                .request("/login")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString("token=" + token.replace(" ", "+")));
        return collector.send(form);
    }
}
