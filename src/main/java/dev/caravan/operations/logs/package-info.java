/** Logs: no secrets, no forged lines, one line per event. */
package dev.caravan.operations.logs;
