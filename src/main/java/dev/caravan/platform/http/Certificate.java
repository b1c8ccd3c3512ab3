package dev.caravan.platform.http;

import java.nio.file.Path;

/**
 * The certificate of the business port. Both files are read at start-up, so a renewed certificate needs a restart.
 *
 * @param chain PEM, the port's own certificate first
 * @param key PEM, PKCS #8, without a password
 */
public record Certificate(Path chain, Path key) {}
