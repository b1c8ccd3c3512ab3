/** Settings: environment variables with defaults, checked when the program starts. */
package dev.caravan.platform.settings;
