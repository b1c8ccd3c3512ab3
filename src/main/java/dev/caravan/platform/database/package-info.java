/** The connection pool, its migrations, transactions as route policies, and what counts as an unavailable database. */
package dev.caravan.platform.database;
