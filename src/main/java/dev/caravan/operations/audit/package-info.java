/** The audit of what operators do: who, what, when. */
package dev.caravan.operations.audit;
