package io.farrier.registry;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A {@code WWW-Authenticate} header of a registry.
 *
 * @param scheme {@code basic} or {@code bearer}
 */
record Challenge(String scheme, Map<String, String> parameters) {
    private static final int MAX_LENGTH = 4096; // scopes of many repositories; a longer one is not parsed
    private static final Pattern PARAMETER = Pattern.compile("([A-Za-z_-]+)\\s*=\\s*(?:\"([^\"]*)\"|([^,\\s\"]+))");

    static Challenge parse(String header) {
        String text = header.length() > MAX_LENGTH ? header.substring(0, MAX_LENGTH) : header.strip();
        int space = text.indexOf(' ');
        String scheme = space < 0 ? text : text.substring(0, space);
        Map<String, String> parameters = new LinkedHashMap<>();
        Matcher each = PARAMETER.matcher(space < 0 ? "" : text.substring(space));
        while (each.find()) {
            String value = each.group(2) != null ? each.group(2) : each.group(3);
            parameters.put(each.group(1).toLowerCase(Locale.ROOT), value);
        }
        return new Challenge(scheme.toLowerCase(Locale.ROOT), Map.copyOf(parameters));
    }

    boolean isBasic() {
        return scheme.equals("basic");
    }

    boolean isBearer() {
        return scheme.equals("bearer");
    }

    String parameter(String name) {
        return parameters.getOrDefault(name, "");
    }
}
