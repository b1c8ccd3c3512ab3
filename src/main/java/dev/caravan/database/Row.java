package dev.caravan.database;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.springframework.util.LinkedCaseInsensitiveMap;

/** One row of a result. */
final class Row extends AbstractMap<String, Object> {

    /**
     * What the rows of a result have in common.
     *
     * @param columns where the values of these names are in the result, from 1
     * @param places where they are in a row, from 0, whatever the case of the name
     */
    record Names(String[] names, int[] columns, Map<String, Integer> places) {}

    private final Names names;
    private final Object[] values;

    /** What has become of it, once somebody has changed it. */
    private Map<String, Object> changed;

    Row(Names names, Object[] values) {
        this.names = names;
        this.values = values;
    }

    @Override
    public Object get(Object name) {
        if (changed != null) {
            return changed.get(name);
        }
        Integer place = place(name);
        return place == null ? null : values[place];
    }

    @Override
    public boolean containsKey(Object name) {
        return changed != null ? changed.containsKey(name) : place(name) != null;
    }

    @Override
    public Object put(String name, Object value) {
        return changed().put(name, value);
    }

    @Override
    public Object remove(Object name) {
        return changed().remove(name);
    }

    private Map<String, Object> changed() {
        if (changed == null) {
            Map<String, Object> copy = new LinkedCaseInsensitiveMap<>();
            copy.putAll(this);
            changed = copy;
        }
        return changed;
    }

    private Integer place(Object name) {
        return name instanceof String text ? names.places().get(text) : null;
    }

    @Override
    public Set<Entry<String, Object>> entrySet() {
        if (changed != null) {
            return changed.entrySet();
        }
        return new AbstractSet<>() {
            @Override
            public Iterator<Entry<String, Object>> iterator() {
                return IntStream.range(0, values.length)
                        .<Entry<String, Object>>mapToObj(i -> new SimpleImmutableEntry<>(names.names()[i], values[i]))
                        .iterator();
            }

            @Override
            public int size() {
                return values.length;
            }
        };
    }
}
