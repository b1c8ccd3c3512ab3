package dev.caravan.operations.components;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A jar of a Maven repository.
 *
 * @param classifier empty if there is none
 */
public record Library(String group, String artifact, String version, String classifier) {

    private static final String PART = "([A-Za-z0-9_.-]+)";
    private static final Pattern COORDINATES = Pattern.compile(PART + ":" + PART + ":" + PART + "(?::" + PART + ")?");

    /**
     * Reads {@code group:artifact:version} or {@code group:artifact:version:classifier}.
     *
     * @throws IllegalArgumentException for anything else
     */
    public static Library of(String coordinates) {
        Matcher matcher = COORDINATES.matcher(coordinates);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    coordinates + " is neither a name such as camel-mail nor coordinates group:artifact:version");
        }
        return new Library(
                matcher.group(1), matcher.group(2), matcher.group(3), matcher.group(4) == null ? "" : matcher.group(4));
    }

    /** The file name of the jar. */
    public String file() {
        return artifact + "-" + version + (classifier.isEmpty() ? "" : "-" + classifier) + ".jar";
    }

    /** Whether both are versions of the same library, even if one moved to another group. */
    boolean isVersionOf(Library other) {
        return artifact.equals(other.artifact) && classifier.equals(other.classifier);
    }

    @Override
    public String toString() {
        return group + ":" + artifact + ":" + version + (classifier.isEmpty() ? "" : ":" + classifier);
    }
}
