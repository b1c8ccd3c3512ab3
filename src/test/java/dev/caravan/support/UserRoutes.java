package dev.caravan.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Route files of a user: additional consumers of the topics of shipped routes. */
public final class UserRoutes {

    private UserRoutes() {}

    /** Saves {@code <consumer>.camel.yaml} atomically into a folder of route files. */
    public static void add(Path folder, String consumer, String topic, String steps) throws IOException {
        Path next = Files.createTempFile("caravan", ".yaml");
        Files.writeString(next, consumer(consumer, topic, steps));
        Files.move(next, folder.resolve(consumer + ".camel.yaml"));
    }

    /**
     * The pattern of the README.
     *
     * @param topic the topic or its placeholder
     * @param steps the steps inside the policy {@code once}, each beginning with {@code - } in the first column
     */
    public static String consumer(String consumer, String topic, String steps) {
        return """
                - route:
                    id: %1$s-consume
                    group: %1$s
                    description: Reads the topic reliably, beside its other consumers.
                    routeConfigurationId: reliable
                    autoStartup: "{{role.worker}}"
                    from:
                      uri: kafka:%2$s
                      parameters: { groupId: "{{kafka.consumer.group.id}}-%1$s" }
                      steps:
                        - to: direct:%1$s-process

                - route:
                    id: %1$s-process
                    group: %1$s
                    description: Processes each record once.
                    routeConfigurationId: plain
                    from:
                      uri: direct:%1$s-process
                      steps:
                        - policy:
                            ref: once
                            steps:
                %3$s"""
                .formatted(consumer, topic, steps.indent(16));
    }

    /** A step that stores the MessageID in the table of comments. */
    public static String keeps(String as) {
        return """
                - to:
                    uri: sql
                    parameters:
                      query: INSERT INTO comments (message_id, body) VALUES (:#${exchangeProperty.CaravanMessageId}, '%s')
                """
                .formatted(as);
    }
}
