package dev.caravan.platform.http;

/** An endpoint that serves a path of the business port through a {@link MountedPath}. */
public interface MountedEndpoint {

    /** Method and path, such as {@code GET /notifications/{userID}/stream}. */
    String operation();
}
