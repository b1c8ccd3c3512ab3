package dev.caravan.reliability;

import dev.caravan.topics.Topics;

/** Where a record goes that could not be processed: up the ladder of retry topics, and from its end to the DLQ. */
record NextTopic(String name, boolean retry) {

    /**
     * @param levels how many retry topics there are
     * @param curable whether trying again can help
     */
    static NextTopic of(Topics.Source source, int levels, boolean curable) {
        return curable && source.level() < levels
                ? new NextTopic(Topics.retry(source.origin(), source.level() + 1), true)
                : new NextTopic(Topics.dlq(source.origin()), false);
    }
}
