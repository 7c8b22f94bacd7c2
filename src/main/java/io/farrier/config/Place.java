package io.farrier.config;

/** Where in the configuration the reader stands; says its mistakes with their path. */
final class Place {
    private final Reading reading;
    private final String path;

    private Place(Reading reading, String path) {
        this.reading = reading;
        this.path = path;
    }

    static Place top(Reading reading) {
        return new Place(reading, "");
    }

    Place property(String name) {
        return new Place(reading, path.isEmpty() ? name : path + "." + name);
    }

    Place key(String key) {
        return new Place(reading, path + "[" + key + "]");
    }

    Place item(int index) {
        return new Place(reading, path + "[" + index + "]");
    }

    Reading reading() {
        return reading;
    }

    /** @param saying goes on after "Configuration property 'x'" */
    void problem(Origin origin, String saying) {
        reading.problem(origin, sentence(saying));
    }

    void warning(Origin origin, String saying) {
        reading.warning(origin, sentence(saying));
    }

    void wrongType(Yaml value, String expected) {
        problem(value.origin(), "must be " + expected + ", but is " + value.kind());
    }

    void effective(String shown, Origin origin) {
        reading.values().add(new EffectiveValue(path, shown, origin.toString()));
    }

    private String sentence(String saying) {
        return path.isEmpty() ? saying : "Configuration property '" + path + "' " + saying;
    }
}
