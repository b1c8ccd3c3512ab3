/** Route files that are edited while the program runs: read, checked in a scratch context, and replaced without a failed request. */
package dev.caravan.live;
