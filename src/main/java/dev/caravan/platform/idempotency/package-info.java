/** Requests with an {@code Idempotency-Key}: the first answer is kept and sent again. */
package dev.caravan.platform.idempotency;
