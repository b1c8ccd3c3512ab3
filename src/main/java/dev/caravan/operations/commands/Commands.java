package dev.caravan.operations.commands;

import dev.caravan.operations.components.ComponentException;
import dev.caravan.operations.components.ComponentFolder;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The commands that call a running program or manage its components. They start no route and no broker. Exit codes: 0
 * for success, 1 if the command failed or found nothing, 2 for wrong usage.
 */
public final class Commands {

    /** The part of the program's {@code --help} about these commands. */
    public static final String HELP =
            """
            Commands for a running program (caravan COMMAND --help shows the options):
              message ID            prints the history of a message, by its MessageID or its order id
              dead-letters          lists dead letters, filtered by topic, key, reason …; --groups: kinds of failure
              replay ID             sends a dead letter back to its consumer; with a filter, all that match; --dry-run
              rewind                makes consumers read their last minutes again: --minutes N; --consumer, --dry-run
              routes                lists routes with state and figures
              stop, start ROUTE     stops or starts a route
              send TEXT             sends a notification: --from USER --to USER
              tail TOPIC            prints the newest records of a topic; --follow: also new ones
              completion            prints a completion script for bash and zsh

            Commands for route files:
              new CAPABILITY        writes a skeleton of a route file: --kind rest|call|timer|file

            Commands for the program's components, effective after a restart:
              add COMPONENT...      adds Camel components (camel-mail) or Maven artifacts (group:artifact:version); --dry-run
              list                  lists the added components
              remove COMPONENT...   removes added components
            """;

    private static final String STOP = "stop";
    private static final String START = "start";
    private static final String COMPLETION = "completion";

    private final CommandLine line;

    /**
     * @param home the program's folder
     * @param colour whether the output may use colours
     */
    public Commands(Map<String, String> environment, Path home, PrintStream out, PrintStream err, boolean colour) {
        Terminal terminal = new Terminal(out, err, colour);
        ComponentFolder components = new ComponentFolder(home);
        line = new CommandLine(CommandSpec.create().name("caravan"))
                .addSubcommand(new MessageCommand(environment, terminal))
                .addSubcommand(new DeadLettersCommand(environment, terminal))
                .addSubcommand(new ReplayCommand(environment, terminal))
                .addSubcommand(new RewindCommand(environment, terminal))
                .addSubcommand(new RoutesCommand(environment, terminal))
                .addSubcommand(STOP, new RouteActionCommand(environment, terminal, STOP, "stopped"))
                .addSubcommand(START, new RouteActionCommand(environment, terminal, START, "started"))
                .addSubcommand(new SendCommand(environment, terminal))
                .addSubcommand(new TailCommand(environment, terminal))
                .addSubcommand(COMPLETION, new AutoComplete.GenerateCompletion())
                .addSubcommand(new NewCommand(environment, home, terminal))
                .addSubcommand(new AddCommand(components, terminal))
                .addSubcommand(new ListCommand(components, terminal))
                .addSubcommand(new RemoveCommand(components, terminal));
        describe(
                STOP,
                "Stops a route until it is started or its file is edited; messages in flight are finished first.");
        describe(COMPLETION, "Prints a completion script: source <(caravan completion) in bash or zsh.");
        describe(START, "Starts a route that was stopped.");
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(err, true, StandardCharsets.UTF_8));
        line.setColorScheme(CommandLine.Help.defaultColorScheme(colour ? Ansi.ON : Ansi.OFF));
        line.setExecutionExceptionHandler((e, command, parsed) -> {
            terminal.problem(
                    e instanceof CallFailedException || e instanceof ComponentException
                            ? e.getMessage()
                            : e.toString());
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

    /** Whether standard output is a terminal that allows colours ({@code NO_COLOR} is not set). */
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
