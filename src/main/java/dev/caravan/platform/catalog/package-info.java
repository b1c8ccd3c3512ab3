/** Camel's catalogue: which components there are, also those that the program does not have. */
package dev.caravan.platform.catalog;
