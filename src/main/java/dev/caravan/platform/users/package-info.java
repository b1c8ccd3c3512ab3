/** The directory of users, read from a file. */
package dev.caravan.platform.users;
