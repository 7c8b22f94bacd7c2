package io.farrier.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.util.LinkedHashMap;
import java.util.Map;

/** The JSON Schemas (draft 2020-12) of the configuration files, made from the declarations that also read them. */
public final class ConfigSchema {
    private static final String DRAFT = "https://json-schema.org/draft/2020-12/schema";

    private ConfigSchema() {}

    /** Of {@code farrier.yaml}; a file in {@code farrier.d} may say less. */
    public static String json() {
        return json("farrier.yaml", FarrierYaml.TYPE);
    }

    /** Of {@code collector.yaml}. */
    public static String collectorJson() {
        return json("collector.yaml", CollectorYaml.TYPE);
    }

    private static String json(String title, Section<?> type) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("$schema", DRAFT);
        schema.put("title", title);
        schema.putAll(type.schema());
        try {
            return new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(schema) + "\n";
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("maps and texts are always JSON", impossible);
        }
    }
}
