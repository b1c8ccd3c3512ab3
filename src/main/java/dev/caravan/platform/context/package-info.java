/** Helpers for beans of a Camel context: files, error texts, rate-limited logs. */
package dev.caravan.platform.context;
