import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The settings of one chain as the case files write them, and views of those below a prefix. */
final class Settings {
    final Map<String, List<String>> values = new LinkedHashMap<>();

    /** "key=value", "key=[a,b]" or "key[]=value", which adds one value to a list. */
    void read(String line) {
        int equals = line.indexOf('=');
        String key = line.substring(0, equals);
        String value = line.substring(equals + 1);
        if (key.endsWith("[]")) {
            values.computeIfAbsent(key, k -> new ArrayList<>()).add(Escapes.read(value));
        } else if (value.startsWith("[") && !value.startsWith("[^") && value.endsWith("]")) {
            List<String> list = values.computeIfAbsent(key + "[]", k -> new ArrayList<>());
            for (String part : value.substring(1, value.length() - 1).split(",")) list.add(Escapes.read(part));
        } else {
            values.put(key, List.of(Escapes.read(value)));
        }
    }

    Settings below(String prefix) {
        Settings part = new Settings();
        values.forEach((key, value) -> {
            if (key.startsWith(prefix)) part.values.put(key.substring(prefix.length()), value);
        });
        return part;
    }

    boolean has(String key) {
        return values.containsKey(key) || values.containsKey(key + "[]");
    }

    String text(String key, String fallback) {
        return values.containsKey(key) ? values.get(key).get(0) : fallback;
    }

    int number(String key, int fallback) {
        return Integer.parseInt(text(key, String.valueOf(fallback)));
    }

    boolean flag(String key, boolean fallback) {
        return Boolean.parseBoolean(text(key, String.valueOf(fallback)));
    }

    /** A list, or one text cut at its commas. */
    List<String> list(String key) {
        if (values.containsKey(key + "[]")) return values.get(key + "[]");
        List<String> list = new ArrayList<>();
        for (String part : text(key, "").split(",")) if (!part.isBlank()) list.add(part.strip());
        return list;
    }

    /** The names or definitions of a kind, in their order: "filter=a", "filter[]=a", "filter.0.type=a". */
    List<Settings> components(String kind) {
        List<Settings> all = new ArrayList<>();
        for (String name : has(kind) ? list(kind) : List.<String>of()) {
            Settings one = below("index.analysis." + kind + "." + name + ".");
            if (!one.has("type")) one.values.put("type", List.of(name));
            all.add(one);
        }
        for (int i = 0; has(kind + "." + i + ".type"); i++) all.add(below(kind + "." + i + "."));
        return all;
    }
}
