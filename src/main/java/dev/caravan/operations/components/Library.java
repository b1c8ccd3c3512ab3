package dev.caravan.operations.components;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An artifact of a Maven repository that is a jar.
 *
 * @param classifier empty for most
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

    /** The name of its jar; two libraries with the same name cannot be on one class path. */
    public String file() {
        return artifact + "-" + version + (classifier.isEmpty() ? "" : "-" + classifier) + ".jar";
    }

    /** Whether both are the same library, maybe in different versions. */
    boolean isVersionOf(Library other) {
        return artifact.equals(other.artifact) && classifier.equals(other.classifier);
    }

    @Override
    public String toString() {
        return group + ":" + artifact + ":" + version + (classifier.isEmpty() ? "" : ":" + classifier);
    }
}
