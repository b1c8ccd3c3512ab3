/** Live edits of route files: read, checked in a scratch context, and applied without a failed request. */
package dev.caravan.live;
