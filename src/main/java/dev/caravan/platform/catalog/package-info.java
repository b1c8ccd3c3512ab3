/** Camel's catalogue of components, including those that are not installed. */
package dev.caravan.platform.catalog;
