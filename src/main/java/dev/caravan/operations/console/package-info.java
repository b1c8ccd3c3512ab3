/** The web console: static files from this jar, with a strict Content-Security-Policy. */
package dev.caravan.operations.console;
