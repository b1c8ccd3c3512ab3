/** The index of dead letters, their groups, and their replay to the consumer that failed, one or many. */
package dev.caravan.capability.deadletters;
