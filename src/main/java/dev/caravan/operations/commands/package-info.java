/** Commands for a terminal, each in a process of its own: clients of a running program's HTTP API, and its components. */
package dev.caravan.operations.commands;
