/** The audit of operators' actions: who, what, when. */
package dev.caravan.operations.audit;
