package dev.caravan.edge;

/** A bean of a route file that checks what comes against a schema, which must be there before the route begins. */
public interface SchemaReference {

    /** The schema's name, or {@link Schemas#NONE}; null where the bean names none. */
    String getSchema();
}
