/** The OpenAPI document: what Camel generates, overlaid with {@code openapi.yaml}. */
package dev.caravan.platform.openapi;
