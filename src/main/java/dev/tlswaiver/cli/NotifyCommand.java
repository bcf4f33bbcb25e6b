package dev.tlswaiver.cli;

import dev.tlswaiver.agent.Offline;
import java.io.PrintStream;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Tries the ways on which the operator is told. */
@Command(
    name = "notify",
    description = "Send a test message on each way under notify in the configuration.")
final class NotifyCommand extends OutputCommand {
  @Option(names = "--test", description = "Send one message each way.")
  private boolean test;

  NotifyCommand(PrintStream out) {
    super(out);
  }

  @Override
  public Integer call() throws Exception {
    if (!test) {
      throw usage("say what: tlswaiver notify --test sends a test message");
    }
    List<Offline.Told> told = Offline.tell(configuration());
    if (told.isEmpty()) {
      say(
          "nobody is told anything: set notify: {mail: postmaster@example.org} or a command in "
              + configurationFile().orElse(ConfigurationFile.DEFAULT));
      return Exit.FAILED;
    }
    told.forEach(way -> out.println(way.words()));
    return told.stream().allMatch(Offline.Told::isTaken) ? Exit.DONE : Exit.FAILED;
  }
}
