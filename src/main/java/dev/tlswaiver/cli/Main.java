package dev.tlswaiver.cli;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.config.ConfigurationException;
import dev.tlswaiver.control.SilentAgentException;
import dev.tlswaiver.control.StartException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Time-limited, per-sender TLS exceptions for a strict Postfix. */
@Command(
    name = "tlswaiver",
    description = "Time-limited, per-sender TLS exceptions for a strict Postfix.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
public final class Main {
  private static final Map<String, Class<?>> COMMANDS = new LinkedHashMap<>();

  static {
    COMMANDS.put("run", RunCommand.class);
    COMMANDS.put("replay", ReplayCommand.class);
    COMMANDS.put("report", ReportCommand.class);
    COMMANDS.put("explain", ExplainCommand.class);
    COMMANDS.put("plan", PlanCommand.class);
    COMMANDS.put("list", ListCommand.class);
    COMMANDS.put("show", ShowCommand.class);
    COMMANDS.put("grant", GrantCommand.class);
    COMMANDS.put("approve", ApproveCommand.class);
    COMMANDS.put("revoke", RevokeCommand.class);
    COMMANDS.put("pause", PauseCommand.class);
    COMMANDS.put("resume", ResumeCommand.class);
    COMMANDS.put("doctor", DoctorCommand.class);
    COMMANDS.put("notify", NotifyCommand.class);
    COMMANDS.put("support", SupportCommand.class);
    COMMANDS.put("check", CheckCommand.class);
    COMMANDS.put("sweep", SweepCommand.class);
    COMMANDS.put("reset", ResetCommand.class);
    COMMANDS.put("hand", HandCommand.class);
  }

  private Main() {}

  public static void main(String[] arguments) {
    // Whatever the locale: names in a log may be in any script.
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
    Optional<Serving.Order> order = Serving.Order.plain(List.of(arguments));
    int exit = order.isPresent() ? serve(order.get(), out, err) : run(out, err, arguments);
    out.flush();
    System.exit(exit);
  }

  private static int serve(Serving.Order order, PrintStream out, PrintStream err) {
    try {
      return new Serving(order, out).run();
    } catch (Exception failure) {
      return explain(failure, err);
    }
  }

  /** Runs one command and returns its exit code. */
  static int run(PrintStream out, PrintStream err, String... arguments) {
    return commandLine(out, arguments)
        .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
        .setParameterExceptionHandler(
            (wrong, given) -> {
              err.println("tlswaiver: " + wrong.getMessage());
              err.println(
                  "Try: " + wrong.getCommandLine().getCommandSpec().qualifiedName(" ") + " --help");
              return Exit.USAGE;
            })
        .setExecutionExceptionHandler((failure, command, parsed) -> explain(failure, err))
        .execute(arguments);
  }

  /** With the command that is asked for: to look at all of them takes a tenth of a second. */
  static CommandLine commandLine(PrintStream out, String... arguments) {
    CommandLine commandLine = new CommandLine(new Main(), new Commands(out));
    boolean isAsked = arguments.length > 0 && COMMANDS.containsKey(arguments[0]);
    COMMANDS.forEach(
        (name, command) -> {
          if (!isAsked || name.equals(arguments[0])) {
            commandLine.addSubcommand(name, command);
          }
        });
    return commandLine;
  }

  /** One sentence for what we expect to go wrong; a stack trace for what is our own mistake. */
  private static int explain(Exception failure, PrintStream err) {
    if (failure instanceof ConfigurationException) {
      err.println(failure.getMessage());
      return Exit.CONFIGURATION;
    }
    if (failure instanceof StartException lasting && lasting.isLasting()) {
      err.println("tlswaiver: " + Replies.printable(String.valueOf(failure.getMessage())));
      return Exit.CONFIGURATION;
    }
    if (failure instanceof StartException
        || failure instanceof SilentAgentException
        || failure instanceof HostException
        || failure instanceof IOException) {
      err.println("tlswaiver: " + Replies.printable(String.valueOf(failure.getMessage())));
      return Exit.FAILED;
    }
    err.println("tlswaiver: this is a mistake in tlswaiver, please report it");
    failure.printStackTrace(err);
    return Exit.FAILED;
  }
}
