/** Rewinds consumers to earlier offsets after a database has lost its last transactions. */
package dev.caravan.capability.rewinds;
