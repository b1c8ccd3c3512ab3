/** What an operator does with a running program from a terminal: clients of its HTTP API, in a process of their own. */
package dev.caravan.operations.commands;
