package dev.caravan.chaos;

import static org.awaitility.Awaitility.await;

import dev.caravan.support.Launched;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Collectors;

/** What goes wrong, and how it is put right again: each one returns when everything is there again. */
enum Fault {
    KILL_APP("kill -9 of the program") {
        @Override
        void strike(Run run) throws Exception {
            run.stand().program().kill();
            run.hold(0, 2_000);
            run.stand().startProgram();
        }
    },
    KILL_BROKER("kill -9 of the broker") {
        @Override
        void strike(Run run) throws Exception {
            run.stand().broker().kill();
            run.hold(0, 4_000);
            run.stand().broker().start();
        }
    },
    DRAIN("SIGTERM under load") {
        @Override
        void strike(Run run) throws Exception {
            run.stopCleanly();
            run.stand().startProgram();
        }
    },
    PAUSE_APP("SIGSTOP of the program for 5 to 30 s") {
        @Override
        void strike(Run run) throws Exception {
            pause(run, run.stand().program().pid());
        }
    },
    PAUSE_BROKER("SIGSTOP of the broker for 5 to 30 s") {
        @Override
        void strike(Run run) throws Exception {
            pause(run, run.stand().broker().pid());
        }
    },
    REBALANCE("a second and a third worker come and go") {
        @Override
        void strike(Run run) throws Exception {
            try (Launched second = run.stand().startWorker()) {
                run.hold(500, 2_000);
                try (Launched third = run.stand().startWorker()) {
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
        void strike(Run run) throws Exception {
            run.stand().stopDatabase();
            run.hold(1_000, 8_000);
            run.stand().startDatabase();
        }
    },
    DATABASE_SLOW("each answer of the database takes 300 ms") {
        @Override
        void strike(Run run) throws Exception {
            slow(run, run.stand().toDatabase(), Duration.ofMillis(300));
        }
    },
    DATABASE_CUT("the connection ends after COMMIT, before its answer") {
        @Override
        void strike(Run run) throws Exception {
            run.stand().toDatabase().cutAfterCommit(5);
            await().until(() -> run.stand().toDatabase().cutsLeft() == 0);
        }
    },
    NETWORK_SLOW("each packet to and from the broker takes 200 ms") {
        @Override
        void strike(Run run) throws Exception {
            slow(run, run.stand().toBroker(), Duration.ofMillis(200));
        }
    },
    NETWORK_SILENT("nothing reaches the broker, and nothing comes from it") {
        @Override
        void strike(Run run) throws Exception {
            run.stand().toBroker().silent(true);
            run.hold(3_000, 15_000);
            run.stand().toBroker().silent(false);
        }
    },
    POISON("100 poisoned records in a row") {
        @Override
        void strike(Run run) {
            run.load().poisonInARow(100, run.random());
        }
    },
    REPLAY("every topic is read again from offset 0") {
        @Override
        void strike(Run run) throws Exception {
            run.stopCleanly();
            run.stand().rewind();
            run.stand().startProgram();
        }
    },
    /** Nothing goes away here, so no request may fail either. */
    EDIT_ROUTES("good and broken edits of the route files, in turn") {
        @Override
        void strike(Run run) throws Exception {
            long end = System.currentTimeMillis() + run.time(5_000, 10_000);
            try (Edits edits = new Edits(run.stand(), run.random())) {
                do {
                    edits.good();
                    edits.broken();
                } while (System.currentTimeMillis() < end);
                run.count(edits.made());
            }
        }
    },
    /** On a stand of its own, as is the next one. */
    KILL_ALL("kill -9 of the program with its own broker and database") {
        @Override
        void strike(Run run) throws Exception {
            KILL_APP.strike(run);
        }
    },
    DISK_FULL("the disk of the data folder is full for 3 to 8 s") {
        @Override
        void strike(Run run) throws Exception {
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
            // A broker that met a full disk takes its folder out of service until it is started again.
            run.stand().program().kill();
            run.stand().startProgram();
        }
    },
    /** On the cluster, as are the next ones. */
    BROKERS_KILLED("kill -9 of each of three brokers in turn") {
        @Override
        void strike(Run run) throws Exception {
            for (ClusterBroker broker : run.stand().cluster().brokers()) {
                broker.kill();
                run.hold(4_000, 8_000);
                broker.start();
                run.stand().cluster().untilInSync();
            }
        }
    },
    CONTROLLER_KILLED("kill -9 of the broker whose controller leads") {
        @Override
        void strike(Run run) throws Exception {
            ClusterBroker controller = run.stand().cluster().controller();
            controller.kill();
            run.hold(4_000, 8_000);
            controller.start();
            run.stand().cluster().untilInSync();
        }
    },
    BROKERS_ROLLED("each broker is restarted in order") {
        @Override
        void strike(Run run) throws Exception {
            for (ClusterBroker broker : run.stand().cluster().brokers()) {
                broker.stop();
                broker.start();
                run.stand().cluster().untilInSync();
            }
        }
    },
    PRIMARY_KILLED(
            "kill -9 of the database's primary, and 3 to 6 s later its standby is promoted behind the same address") {
        @Override
        void strike(Run run) throws Exception {
            run.stand().cluster().killPrimary();
            run.hold(3_000, 6_000);
            run.stand().cluster().promote();
        }
    },
    WORKERS_CHANGED("a worker comes and goes every 20 s, three times") {
        @Override
        void strike(Run run) throws Exception {
            for (int i = 0; i < 3; i++) {
                try (Launched worker = run.stand().cluster().startWorker()) {
                    run.hold(10_000, 10_001);
                    Cluster.stop(worker);
                    run.hold(10_000, 10_001);
                }
            }
        }
    },
    /** Nothing goes away that another one does not replace, so no request may fail either. */
    APIS_ROLLED("each api is restarted in order behind nginx") {
        @Override
        void strike(Run run) throws Exception {
            run.stand().cluster().rollApis();
        }
    },
    WORKER_PARTITIONED("one worker does not reach one broker for 20 to 30 s") {
        @Override
        void strike(Run run) throws Exception {
            Proxy network = run.stand().cluster().controller().watched();
            network.silent(true);
            run.hold(20_000, 30_000);
            network.silent(false);
        }
    },
    /**
     * Not one of {@link #CLUSTER}: for a minute producers and consumers differ in the partitions that they know, and the order of one key's
     * records in two partitions is not promised. So the checker finds disorder, and older states without an effect.
     */
    PARTITIONS_RAISED("the partitions of the orders are raised from 3 to 12") {
        @Override
        void strike(Run run) throws Exception {
            run.stand().cluster().raisePartitions("orders", 12);
            // Producers and consumers look them up once a minute.
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

    /** Where there is one program, one broker and one database. */
    static final List<Fault> SINGLE =
            Arrays.stream(values()).filter(fault -> !fault.needsCluster()).toList();

    private final String what;

    Fault(String what) {
        this.what = what;
    }

    abstract void strike(Run run) throws Exception;

    private static void pause(Run run, long pid) throws Exception {
        Launched.signal("STOP", pid);
        run.hold(5_000, 30_000);
        Launched.signal("CONT", pid);
    }

    private static void slow(Run run, Proxy network, Duration delay) throws Exception {
        network.delay(delay);
        run.hold(3_000, 6_000);
        network.delay(Duration.ZERO);
    }

    /** Whether it strikes several brokers, databases, apis or workers. */
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
                .orElseThrow(() -> new IllegalArgumentException("There is no fault " + name + ", only "
                        + Arrays.stream(values()).map(Fault::toString).collect(Collectors.joining(", "))));
    }

    /** A fault's surroundings. */
    interface Run {
        Stand stand();

        Load load();

        Random random();

        /** Where the stand keeps its data. */
        Path folder();

        /** Leaves things as they are, for a time between these. */
        void hold(int fromMillis, int toMillis) throws InterruptedException;

        /** A time between these, in milliseconds. */
        int time(int fromMillis, int toMillis);

        /** Says how often it struck, where that is more than once. */
        void count(String strikes);

        /** SIGTERM; that the stop is clean is a promise too. */
        void stopCleanly() throws InterruptedException;
    }
}
