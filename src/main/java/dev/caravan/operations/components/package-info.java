/** Components that a user adds to the program: jars in {@code lib/ext}. */
package dev.caravan.operations.components;
