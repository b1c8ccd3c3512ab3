/** The start of the program: the command line, the wiring of the Camel context, and the order of start and stop. No other package uses it. */
package dev.caravan;
