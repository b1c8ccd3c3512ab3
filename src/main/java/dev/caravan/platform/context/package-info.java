/** Small classes for beans that live in a Camel context. */
package dev.caravan.platform.context;
