/** Characters that a line of a table cannot hold as they are: \n \t \r \\ and \\uXXXX. */
final class Escapes {
    static String read(String line) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c != '\\' || i + 1 == line.length()) {
                out.append(c);
                continue;
            }
            c = line.charAt(++i);
            switch (c) {
                case 'n' -> out.append('\n');
                case 't' -> out.append('\t');
                case 'r' -> out.append('\r');
                case 'u' -> {
                    out.append((char) Integer.parseInt(line.substring(i + 1, i + 5), 16));
                    i += 4;
                }
                default -> out.append(c);
            }
        }
        return out.toString();
    }

    static String write(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\n' -> out.append("\\n");
                case '\t' -> out.append("\\t");
                case '\r' -> out.append("\\r");
                case '\\' -> out.append("\\\\");
                default -> {
                    boolean single = Character.isSurrogate(c)
                            && !(i + 1 < text.length() && Character.isSurrogatePair(c, text.charAt(i + 1)))
                            && !(i > 0 && Character.isSurrogatePair(text.charAt(i - 1), c));
                    if (single || c < ' ' || c == 0x7f || c == 0x85 || c == 0x2028 || c == 0x2029)
                        out.append(String.format("\\u%04x", (int) c));
                    else
                        out.append(c);
                }
            }
        }
        return out.toString();
    }
}
