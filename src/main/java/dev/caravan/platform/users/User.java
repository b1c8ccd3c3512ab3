package dev.caravan.platform.users;

/** A user who sends and receives notifications. */
public record User(long id, String name) {}
