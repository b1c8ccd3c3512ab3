/** Commands for a terminal: clients of a running program's HTTP API, in a process of their own. */
package dev.caravan.operations.commands;
