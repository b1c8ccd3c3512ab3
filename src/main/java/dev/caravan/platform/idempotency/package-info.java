/** Requests with an {@code Idempotency-Key}: the first answer is stored and sent again. */
package dev.caravan.platform.idempotency;
