/** The web console: static files of this jar, with a strict content security policy. */
package dev.caravan.operations.console;
