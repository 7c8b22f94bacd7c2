package io.farrier.keep;

import java.util.regex.Pattern;

/** Who logs in, and with what, as addresses hold it: never to be shown, whoever wrote it there. */
public final class UserInfo {
    /** Behind a scheme, and where somebody left the scheme out: {@code user:password@host}. */
    private static final Pattern IN_TEXT = Pattern.compile("(://|(?<![^\\s\"',=\\[(])(?=[^/@\\s\"]*:))[^/@\\s\"]*@");

    private UserInfo() {}

    /** The text with all of them replaced by {@code ***}. */
    public static String masked(String text) {
        return IN_TEXT.matcher(text).replaceAll("$1***@");
    }
}
