/** Logs: no secrets, no forged lines, one line each. */
package dev.caravan.operations.logs;
