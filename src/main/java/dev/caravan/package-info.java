/** Program start: the command line, the wiring of the Camel context, and the order of start and stop. */
package dev.caravan;
