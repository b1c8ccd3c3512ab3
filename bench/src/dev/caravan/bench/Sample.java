package dev.caravan.bench;

/** One round: how many a second, and the CPU time that each one cost the program. */
record Sample(double rate, double cpuMillis) {

    /** The same work one after the other, the time between two results being the measure. */
    interface Round {
        Sample run() throws Exception;
    }
}
