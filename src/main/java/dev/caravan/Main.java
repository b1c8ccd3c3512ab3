package dev.caravan;

import ch.qos.logback.classic.LoggerContext;
import dev.caravan.operations.commands.Commands;
import dev.caravan.platform.context.ErrorText;
import dev.caravan.platform.security.Tokens;
import dev.caravan.platform.settings.Secrets;
import dev.caravan.platform.settings.Settings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Scanner;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts Caravan and keeps it running until a signal ends it. */
public final class Main {

    private static final String USAGE =
            """
            Caravan: REST in, Kafka in the middle, reliable processing and per-user inboxes out.

            Usage: caravan [--help | --version | --check | validate FILE... | hash-token | COMMAND]

            --check starts everything, reports whether it runs, and stops.
            validate checks route files, folders or standard input (-) without running them; it exits with 1 if a file is invalid.
            hash-token reads a token from standard input and prints its hash for AUTH_TOKENS.

            %s
            Without KAFKA_BROKERS it starts an embedded broker, without DATABASE_URL an embedded database, both in DATA_DIR.
            The routes are the files in ROUTES_DIR.

            Settings, from the environment [default]:
            """
                    .formatted(Commands.HELP);

    /** With {@link #LOG_MILLIS} below 20 s, which supervisors allow for a stop. */
    private static final long STOP_MILLIS = 19_000;

    /** Time to write the last log lines. */
    private static final long LOG_MILLIS = 500;

    /** The class name that an exception puts before the message of its cause. */
    private static final String CLASS_NAME = "\\b([a-z][a-z0-9]*\\.)+[A-Z]\\w*(Exception|Error): ";

    private Main() {}

    public static void main(String[] args) {
        // Camel and Kafka change the case of option names with the default locale: Turkish turns "ID" into "ıd".
        Locale.setDefault(Locale.ROOT);
        if (args.length > 0 && args[0].equals("validate")) {
            System.exit(validate(Stream.of(args).skip(1).toList()));
        }
        if (args.length == 1 && args[0].equals("--version")) {
            System.out.println("caravan " + Application.version());
            System.exit(0);
        }
        if (args.length == 1 && args[0].equals("hash-token")) {
            System.exit(hashToken());
        }
        if (args.length > 0 && !args[0].startsWith("-")) {
            Commands commands = new Commands(
                    System.getenv(),
                    Path.of(System.getProperty("caravan.home", ".")),
                    System.out,
                    System.err,
                    Commands.isColourful());
            if (commands.has(args[0])) {
                silence();
                System.exit(commands.run(args));
            }
        }
        boolean check = args.length == 1 && args[0].equals("--check");
        if (args.length > 0 && !check) {
            boolean help = args.length == 1 && (args[0].equals("--help") || args[0].equals("-h"));
            (help ? System.out : System.err)
                    .print(help ? USAGE + Settings.help() : "caravan: unknown argument " + args[0] + "; try --help\n");
            System.exit(help ? 0 : 2);
        }
        Application application = new Application();
        try {
            application.start();
            if (check) {
                end(application, 0);
            }
            // SIGINT and SIGTERM stop the program in order. The exit code tells which signal it was.
            Runtime.getRuntime().addShutdownHook(new Thread(() -> end(application, 0), "caravan-stop"));
        } catch (Settings.InvalidSettingsException e) {
            print(e.getMessage());
            end(application, 2);
        } catch (Application.BusyPortsException e) {
            print(e.getMessage());
            end(application, 1);
        } catch (Exception e) {
            print(ErrorText.line(e));
            LoggerFactory.getLogger(Main.class).debug("The start failed", e);
            end(application, 1);
        }
    }

    /** Prints lines for a user, without class names and secrets. */
    private static void print(String lines) {
        Secrets.masked(lines, System.getenv())
                .replaceAll(CLASS_NAME, "")
                .lines()
                .forEach(line -> System.err.println("caravan: " + line));
    }

    private static int validate(List<String> files) {
        if (files.isEmpty()) {
            print("validate needs a file, a folder, or - for standard input: caravan validate FILE...");
            return 2;
        }
        silence();
        try {
            return Application.validate(files, System.out) ? 0 : 1;
        } catch (Exception e) {
            print(ErrorText.line(e));
            return 1;
        }
    }

    /** The result of a command goes to standard output, and nothing else should. */
    private static void silence() {
        ((ch.qos.logback.classic.Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).detachAndStopAllAppenders();
    }

    /** Reads standard input, because shells record arguments and other users can see them. */
    private static int hashToken() {
        Scanner in = new Scanner(System.in, StandardCharsets.UTF_8);
        String token = in.hasNextLine() ? in.nextLine().strip() : "";
        if (token.isEmpty()) {
            System.err.println("caravan: no token on standard input");
            return 2;
        }
        System.out.println(Tokens.hashed(token));
        return 0;
    }

    /** Stops the program, and ends the process even if the stop hangs. */
    private static void end(Application application, int code) {
        Thread stop = runWithin(STOP_MILLIS, "caravan-close", application::close);
        // Both may block if nothing reads the log.
        runWithin(LOG_MILLIS, "caravan-log-flush", () -> {
            if (stop.isAlive()) {
                Throwable position = new Throwable("Stack of the thread that stops the program");
                position.setStackTrace(stop.getStackTrace());
                LoggerFactory.getLogger(Main.class)
                        .error("The stop took longer than {} ms; ending the process", STOP_MILLIS, position);
            }
            ((LoggerContext) LoggerFactory.getILoggerFactory()).stop();
        });
        Runtime.getRuntime().halt(code);
    }

    private static Thread runWithin(long millis, String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.start();
        try {
            thread.join(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return thread;
    }
}
