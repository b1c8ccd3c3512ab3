package dev.caravan.operations.console;

import dev.caravan.platform.context.Sha256;
import java.util.Base64;

/** The import map in the page, which maps library names to files. */
final class ImportMap {

    private static final String BEGIN = "<script type=\"importmap\">";
    private static final String END = "</script>";

    private ImportMap() {}

    /** The hash that allows exactly this text in a Content-Security-Policy. */
    static String hash(String page) {
        int from = page.indexOf(BEGIN) + BEGIN.length();
        String text = page.substring(from, page.indexOf(END, from));
        return "'sha256-" + Base64.getEncoder().encodeToString(Sha256.of(text)) + "'";
    }
}
