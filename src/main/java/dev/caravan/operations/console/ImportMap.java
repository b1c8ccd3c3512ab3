package dev.caravan.operations.console;

import java.nio.charset.StandardCharsets;

/** The import map in the page, which maps library names to files. */
final class ImportMap {

    private static final String BEGIN = "<script type=\"importmap\">";
    private static final String END = "</script>";

    private ImportMap() {}

    /** The hash that allows exactly this text in a Content-Security-Policy. */
    static String hash(String page) {
        int from = page.indexOf(BEGIN) + BEGIN.length();
        String text = page.substring(from, page.indexOf(END, from));
        return "'sha256-" + Digest.sha256(text.getBytes(StandardCharsets.UTF_8)) + "'";
    }
}
