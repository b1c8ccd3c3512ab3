/**
 * What every message passes when it enters or leaves: schemas, header policies, MessageIDs and problem responses (RFC
 * 9457).
 */
package dev.caravan.platform.edge;
