package dev.caravan.reliability;

import dev.caravan.topics.Topics;

/** Where a record goes that its consumer could not process: its next retry topic, and after the last one its dead-letter topic. */
record NextTopic(String name, boolean retry) {

    /**
     * @param levels how many retry topics there are
     * @param curable whether trying again can help
     */
    static NextTopic of(Topics.Source source, int levels, boolean curable) {
        return curable && source.level() < levels
                ? new NextTopic(source.consumer().retry(source.level() + 1), true)
                : new NextTopic(source.consumer().dlq(), false);
    }
}
