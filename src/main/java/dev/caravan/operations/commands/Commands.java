package dev.caravan.operations.commands;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The commands that ask a running program. No route and no broker is started for them. A command ends with 0 when it has done what was
 * asked, with 1 when the program did not or nothing was found, and with 2 when it was written wrongly.
 */
public final class Commands {

    /** What {@code --help} of the program says of them. */
    public static final String HELP =
            """
            To ask a running program (caravan COMMAND --help says more):
              message ID            where a message is, by its MessageID or the id of its order
              dead-letters          the dead letters, by topic, key, reason …; --groups: their kinds
              replay ID             sends a dead letter back to its consumer; with a filter, all that match; --dry-run
              routes                the routes with state and figures
              stop, start ROUTE     stops or starts a route
              send TEXT             sends a notification: --from USER --to USER
            """;

    private static final String STOP = "stop";
    private static final String START = "start";

    private final CommandLine line;

    /** @param colour whether what is printed may have colours */
    public Commands(Map<String, String> environment, PrintStream out, PrintStream err, boolean colour) {
        Terminal terminal = new Terminal(out, err, colour);
        line = new CommandLine(CommandSpec.create().name("caravan"))
                .addSubcommand(new MessageCommand(new Connection(environment), terminal))
                .addSubcommand(new DeadLettersCommand(new Connection(environment), terminal))
                .addSubcommand(new ReplayCommand(new Connection(environment), terminal))
                .addSubcommand(new RoutesCommand(new Connection(environment), terminal))
                .addSubcommand(STOP, new RouteActionCommand(new Connection(environment), terminal, STOP, "stopped"))
                .addSubcommand(START, new RouteActionCommand(new Connection(environment), terminal, START, "started"))
                .addSubcommand(new SendCommand(new Connection(environment), terminal));
        describe(
                STOP,
                "Stops a route until it is started or its file is edited; what is in flight in it is finished first.");
        describe(START, "Starts a route that was stopped.");
        line.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(err, true, StandardCharsets.UTF_8));
        line.setColorScheme(CommandLine.Help.defaultColorScheme(colour ? Ansi.ON : Ansi.OFF));
        line.setExecutionExceptionHandler((e, command, parsed) -> {
            terminal.problem(e instanceof CallFailedException ? e.getMessage() : e.toString());
            return CommandLine.ExitCode.SOFTWARE;
        });
        line.setParameterExceptionHandler((e, arguments) -> {
            terminal.problem(e.getMessage());
            terminal.problem("try caravan " + e.getCommandLine().getCommandName() + " --help");
            return CommandLine.ExitCode.USAGE;
        });
    }

    private void describe(String command, String description) {
        line.getSubcommands().get(command).getCommandSpec().usageMessage().description(description);
    }

    /** Whether standard output is a terminal, and its user has nothing against colours. */
    public static boolean isColourful() {
        return Ansi.AUTO.enabled();
    }

    public boolean has(String command) {
        return line.getSubcommands().containsKey(command);
    }

    /** @return the exit code */
    public int run(String... arguments) {
        return line.execute(arguments);
    }
}
