package dev.caravan.chaos;

import static org.awaitility.Awaitility.await;

import dev.caravan.support.CaravanProcess;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Collectors;

/** Faults and their repair: each injection returns when everything is available again. */
enum Fault {
    KILL_APP("kill -9 of the program") {
        @Override
        void inject(Run run) throws Exception {
            run.testbed().program().kill();
            run.hold(0, 2_000);
            run.testbed().startProgram();
        }
    },
    KILL_BROKER("kill -9 of the broker") {
        @Override
        void inject(Run run) throws Exception {
            run.testbed().broker().kill();
            run.hold(0, 4_000);
            run.testbed().broker().start();
        }
    },
    DRAIN("SIGTERM under load") {
        @Override
        void inject(Run run) throws Exception {
            run.stopCleanly();
            run.testbed().startProgram();
        }
    },
    PAUSE_APP("SIGSTOP of the program for 5 to 30 s") {
        @Override
        void inject(Run run) throws Exception {
            pause(run, run.testbed().program().pid());
        }
    },
    PAUSE_BROKER("SIGSTOP of the broker for 5 to 30 s") {
        @Override
        void inject(Run run) throws Exception {
            pause(run, run.testbed().broker().pid());
        }
    },
    REBALANCE("a second and a third worker start and stop") {
        @Override
        void inject(Run run) throws Exception {
            try (CaravanProcess second = run.testbed().startWorker()) {
                run.hold(500, 2_000);
                try (CaravanProcess third = run.testbed().startWorker()) {
                    run.hold(500, 2_000);
                    second.terminate();
                    run.hold(500, 2_000);
                    third.kill();
                }
            }
        }
    },
    DATABASE_STOP("the database stops") {
        @Override
        void inject(Run run) throws Exception {
            run.testbed().stopDatabase();
            run.hold(1_000, 8_000);
            run.testbed().startDatabase();
        }
    },
    DATABASE_SLOW("each answer of the database takes 300 ms") {
        @Override
        void inject(Run run) throws Exception {
            slow(run, run.testbed().toDatabase(), Duration.ofMillis(300));
        }
    },
    DATABASE_CUT("the connection ends after COMMIT, before its acknowledgement") {
        @Override
        void inject(Run run) throws Exception {
            run.testbed().toDatabase().cutAfterCommit(5);
            await().until(() -> run.testbed().toDatabase().cutsLeft() == 0);
        }
    },
    NETWORK_SLOW("each packet to and from the broker takes 200 ms") {
        @Override
        void inject(Run run) throws Exception {
            slow(run, run.testbed().toBroker(), Duration.ofMillis(200));
        }
    },
    NETWORK_SILENT("no packets to or from the broker") {
        @Override
        void inject(Run run) throws Exception {
            run.testbed().toBroker().silent(true);
            run.hold(3_000, 15_000);
            run.testbed().toBroker().silent(false);
        }
    },
    POISON("100 poisoned records in a row") {
        @Override
        void inject(Run run) {
            run.load().poisonInARow(100, run.random());
        }
    },
    REPLAY("every topic is read again from offset 0") {
        @Override
        void inject(Run run) throws Exception {
            run.stopCleanly();
            run.testbed().rewind();
            run.testbed().startProgram();
        }
    },
    /** No request may fail, because nothing becomes unavailable. */
    EDIT_ROUTES("valid and broken edits of the route files") {
        @Override
        void inject(Run run) throws Exception {
            long end = System.currentTimeMillis() + run.time(5_000, 10_000);
            try (RouteEdits edits = new RouteEdits(run.testbed(), run.random())) {
                do {
                    edits.valid();
                    edits.broken();
                } while (System.currentTimeMillis() < end);
                run.report(edits.summary());
            }
        }
    },
    /** Runs with the embedded broker and database, like the next one. */
    KILL_ALL("kill -9 of the program with its embedded broker and database") {
        @Override
        void inject(Run run) throws Exception {
            KILL_APP.inject(run);
        }
    },
    DISK_FULL("the disk of the data folder is full for 3 to 8 s") {
        @Override
        void inject(Run run) throws Exception {
            Path filler = run.folder().resolve("filler");
            FileStore disk = Files.getFileStore(run.folder());
            try (var file = Files.newOutputStream(filler)) {
                byte[] zeros = new byte[64 * 1024];
                while (disk.getUsableSpace() > 0) {
                    file.write(zeros, 0, (int) Math.min(zeros.length, disk.getUsableSpace()));
                }
            } catch (java.io.IOException e) {
                // Full.
            }
            run.hold(3_000, 8_000);
            Files.delete(filler);
            // A broker whose disk was full needs a restart before it uses its folder again.
            run.testbed().program().kill();
            run.testbed().startProgram();
        }
    },
    /** Runs on the cluster, like the next ones. */
    BROKERS_KILLED("kill -9 of each of three brokers in turn") {
        @Override
        void inject(Run run) throws Exception {
            for (ClusterBroker broker : run.testbed().cluster().brokers()) {
                broker.kill();
                run.hold(4_000, 8_000);
                broker.start();
                run.testbed().cluster().untilInSync();
            }
        }
    },
    CONTROLLER_KILLED("kill -9 of the broker that is the active controller") {
        @Override
        void inject(Run run) throws Exception {
            ClusterBroker controller = run.testbed().cluster().controller();
            controller.kill();
            run.hold(4_000, 8_000);
            controller.start();
            run.testbed().cluster().untilInSync();
        }
    },
    BROKERS_ROLLED("rolling restart of the brokers") {
        @Override
        void inject(Run run) throws Exception {
            for (ClusterBroker broker : run.testbed().cluster().brokers()) {
                broker.stop();
                broker.start();
                run.testbed().cluster().untilInSync();
            }
        }
    },
    PRIMARY_KILLED(
            "kill -9 of the database's primary, and 3 to 6 s later its standby is promoted behind the same address") {
        @Override
        void inject(Run run) throws Exception {
            run.testbed().cluster().killPrimary();
            run.hold(3_000, 6_000);
            run.testbed().cluster().promote();
        }
    },
    WORKERS_CHANGED("a worker starts and stops every 20 s, three times") {
        @Override
        void inject(Run run) throws Exception {
            for (int i = 0; i < 3; i++) {
                try (CaravanProcess worker = run.testbed().cluster().startWorker()) {
                    run.hold(10_000, 10_001);
                    Cluster.stop(worker);
                    run.hold(10_000, 10_001);
                }
            }
        }
    },
    /** No request may fail, because the other api replaces the stopped one. */
    APIS_ROLLED("rolling restart of the apis behind nginx") {
        @Override
        void inject(Run run) throws Exception {
            run.testbed().cluster().rollApis();
        }
    },
    WORKER_PARTITIONED("one worker cannot reach one broker for 20 to 30 s") {
        @Override
        void inject(Run run) throws Exception {
            Proxy network = run.testbed().cluster().controller().watched();
            network.silent(true);
            run.hold(20_000, 30_000);
            network.silent(false);
        }
    },
    /**
     * Not part of {@link #CLUSTER}: for a minute producers and consumers know different partitions, and the order of a key's records across
     * two partitions is not guaranteed. So the checker may report records out of order.
     */
    PARTITIONS_RAISED("the partitions of the orders are raised from 3 to 12") {
        @Override
        void inject(Run run) throws Exception {
            run.testbed().cluster().raisePartitions("orders", 12);
            // Producers and consumers refresh their metadata once a minute.
            run.hold(70_000, 80_000);
        }
    };

    static final List<Fault> EMBEDDED = List.of(KILL_ALL, DISK_FULL);

    static final List<Fault> CLUSTER = List.of(
            BROKERS_KILLED,
            CONTROLLER_KILLED,
            BROKERS_ROLLED,
            PRIMARY_KILLED,
            WORKERS_CHANGED,
            APIS_ROLLED,
            WORKER_PARTITIONED);

    /** Faults of one program, one broker and one database. */
    static final List<Fault> SINGLE =
            Arrays.stream(values()).filter(fault -> !fault.needsCluster()).toList();

    private final String what;

    Fault(String what) {
        this.what = what;
    }

    abstract void inject(Run run) throws Exception;

    private static void pause(Run run, long pid) throws Exception {
        CaravanProcess.signal("STOP", pid);
        run.hold(5_000, 30_000);
        CaravanProcess.signal("CONT", pid);
    }

    private static void slow(Run run, Proxy network, Duration delay) throws Exception {
        network.delay(delay);
        run.hold(3_000, 6_000);
        network.delay(Duration.ZERO);
    }

    /** Whether it needs several brokers, databases, apis or workers. */
    boolean needsCluster() {
        return CLUSTER.contains(this) || this == PARTITIONS_RAISED;
    }

    String what() {
        return what;
    }

    /** Its name on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Fault of(String name) {
        return Arrays.stream(values())
                .filter(fault -> fault.toString().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown fault " + name + "; use one of "
                        + Arrays.stream(values()).map(Fault::toString).collect(Collectors.joining(", "))));
    }

    /** The trial in which a fault is injected. */
    interface Run {
        Testbed testbed();

        Load load();

        Random random();

        /** The environment's data folder. */
        Path folder();

        /** Waits for a random time in this range. */
        void hold(int fromMillis, int toMillis) throws InterruptedException;

        /** A random time in this range, in milliseconds. */
        int time(int fromMillis, int toMillis);

        /** Prints details of the fault. */
        void report(String text);

        /** SIGTERM. Reports a finding if the stop is not clean. */
        void stopCleanly() throws InterruptedException;
    }
}
