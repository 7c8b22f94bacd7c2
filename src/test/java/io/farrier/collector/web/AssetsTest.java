package io.farrier.collector.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AssetsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "index.html",
                "login.html",
                "style.css",
                "login.js",
                "icon.svg",
                "app.js",
                "api.js",
                "dom.js",
                "format.js",
                "fleet.js",
                "node.js",
                "logs.js"
            })
    void nothingIsLoadedFromElsewhereAndNothingForeignBecomesMarkup(String name) throws Exception {
        try (InputStream in = Assets.class.getResourceAsStream(name)) {
            assertThat(in).isNotNull();
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .replace("http://www.w3.org/2000/svg", "the name space of SVG");

            assertThat(text)
                    .doesNotContain("http://", "https://", "src=\"//", "@import")
                    .doesNotContain("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(")
                    .doesNotContain("style=\"", "onclick=\"");
        }
    }
}
