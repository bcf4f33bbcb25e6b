package dev.tlswaiver.cli;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;

/** Reads the configuration file and says what is wrong with it. */
@Command(name = "check", description = "Check the configuration file alone.")
final class CheckCommand extends OutputCommand {
  CheckCommand(PrintStream out) {
    super(out);
  }

  @Override
  public Integer call() throws Exception {
    Optional<Path> file = configurationFile();
    configuration().remarks().forEach(this::say);
    out.println(
        file.map(path -> path + ": good")
            .orElse(ConfigurationFile.DEFAULT + " does not exist: the defaults are in force"));
    return Exit.DONE;
  }
}
