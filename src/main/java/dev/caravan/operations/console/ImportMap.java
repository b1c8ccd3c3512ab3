package dev.caravan.operations.console;

import java.nio.charset.StandardCharsets;

/** The import map in the page, which says where a library's name leads. */
final class ImportMap {

    private static final String BEGIN = "<script type=\"importmap\">";
    private static final String END = "</script>";

    private ImportMap() {}

    /** What a Content-Security-Policy must name, so that this text may stand in the page and no other. */
    static String hash(String page) {
        int from = page.indexOf(BEGIN) + BEGIN.length();
        String text = page.substring(from, page.indexOf(END, from));
        return "'sha256-" + Digest.sha256(text.getBytes(StandardCharsets.UTF_8)) + "'";
    }
}
