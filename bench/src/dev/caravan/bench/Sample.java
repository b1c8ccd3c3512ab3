package dev.caravan.bench;

/** The result of a round: requests or records per second, and the program's CPU time for each. */
record Sample(double rate, double cpuMillis) {

    interface Round {
        Sample run() throws Exception;
    }
}
