package dev.caravan.platform.users;

/** Somebody who sends and receives notifications. */
public record User(long id, String name) {}
