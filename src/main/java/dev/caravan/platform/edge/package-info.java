/** Validation at the edge, for all messages: schemas, header policies, MessageIDs and problem responses (RFC 9457). */
package dev.caravan.platform.edge;
