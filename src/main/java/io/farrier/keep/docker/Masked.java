package io.farrier.keep.docker;

import io.farrier.document.JsonValue;
import io.farrier.keep.UserInfo;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** Values of daemon.json as they may be shown: credentials of log drivers and proxies are not. */
final class Masked {
    private static final Pattern SECRET_KEY =
            Pattern.compile("(?i).*(token|secret|passw|credential|api-?key|private|authorization|headers?).*");
    private static final int MAX_SHOWN = 300;

    private Masked() {}

    static String text(JsonValue value) {
        String text = UserInfo.masked(masked(value).text());
        return text.length() > MAX_SHOWN ? text.substring(0, MAX_SHOWN) + "..." : text;
    }

    private static JsonValue masked(JsonValue value) {
        if (value instanceof JsonValue.Array list) {
            return new JsonValue.Array(
                    list.elements().stream().map(Masked::masked).toList());
        }
        if (value instanceof JsonValue.Obj object) {
            Map<String, JsonValue> members = new LinkedHashMap<>();
            object.members().forEach((key, member) -> members.put(key, masked(key, member)));
            return new JsonValue.Obj(members);
        }
        return value;
    }

    private static JsonValue masked(String key, JsonValue member) {
        return SECRET_KEY.matcher(key).matches() ? new JsonValue.Text("***") : masked(member);
    }
}
