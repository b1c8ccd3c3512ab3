/** Dead letters: the index, groups by kind of failure, and single and bulk replays to the consumer that failed. */
package dev.caravan.capability.deadletters;
