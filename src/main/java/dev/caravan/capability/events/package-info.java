/** Events of any topic that callers may name: plain JSON, arrays, and CloudEvents in all three modes. */
package dev.caravan.capability.events;
