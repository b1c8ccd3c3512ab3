package dev.caravan.deploy;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/** A permission of a {@code KafkaUser} for one resource. */
public record KafkaAcl(String type, String name, Set<String> operations) {

    public static KafkaAcl topic(String name, String... operations) {
        return new KafkaAcl("topic", name, new TreeSet<>(Set.of(operations)));
    }

    public static KafkaAcl group(String name, String... operations) {
        return new KafkaAcl("group", name, new TreeSet<>(Set.of(operations)));
    }

    /** The permissions of a user. Patterns, denials and restrictions to hosts are errors. */
    public static List<KafkaAcl> of(Manifests manifests, String user) {
        return Manifests.list(Manifests.map(manifests.one("KafkaUser", user), "spec", "authorization"), "acls").stream()
                .map(KafkaAcl::read)
                .toList();
    }

    private static KafkaAcl read(Map<String, Object> acl) {
        Map<String, Object> resource = Manifests.map(acl, "resource");
        if (!acl.keySet().equals(Set.of("resource", "operations"))
                || !resource.keySet().equals(Set.of("type", "name"))) {
            throw new AssertionError("not a plain entry: " + acl);
        }
        return new KafkaAcl(
                (String) resource.get("type"),
                (String) resource.get("name"),
                ((List<?>) acl.get("operations"))
                        .stream().map(Object::toString).collect(Collectors.toCollection(TreeSet::new)));
    }

    /** The bindings that Strimzi's user operator would create. */
    public Stream<AclBinding> bindings(String user) {
        ResourcePattern resource =
                new ResourcePattern(ResourceType.valueOf(type.toUpperCase(Locale.ROOT)), name, PatternType.LITERAL);
        return operations.stream()
                .map(operation -> new AclBinding(
                        resource,
                        new AccessControlEntry(
                                "User:" + user,
                                "*",
                                AclOperation.valueOf(operation.toUpperCase(Locale.ROOT)),
                                AclPermissionType.ALLOW)));
    }
}
