package dev.caravan.platform.http;

import java.nio.file.Path;

/**
 * What the business port proves itself with. Both files are read at the start: a renewed certificate counts from the
 * next one on.
 *
 * @param chain PEM, the port's own certificate first
 * @param key PEM, PKCS #8, without a password
 */
public record Certificate(Path chain, Path key) {}
