/** Callers: tokens, JSON Web Tokens, roles of route groups and request rates. */
package dev.caravan.platform.security;
