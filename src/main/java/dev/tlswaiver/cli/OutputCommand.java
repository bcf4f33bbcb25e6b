package dev.tlswaiver.cli;

import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.config.ConfigurationException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What every command has: a stream for its data, and {@code --config}. */
@Command(mixinStandardHelpOptions = true, versionProvider = Version.class)
abstract class OutputCommand implements Callable<Integer> {
  final PrintStream out;

  /** Null until the operator gives one. */
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The configuration file (default: /etc/tlswaiver/tlswaiver.yaml).")
  private @Nullable Path config;

  @Spec private @Nullable CommandSpec spec;

  OutputCommand(PrintStream out) {
    this.out = out;
  }

  /** Says something besides the data: on standard error, with the program's name. */
  final void say(String message) {
    PrintWriter err =
        spec == null
            ? new PrintWriter(System.err, true, StandardCharsets.UTF_8)
            : spec.commandLine().getErr();
    err.println("tlswaiver: " + Replies.printable(message));
  }

  /** What the operator typed can't be meant like this. */
  final ParameterException usage(String message) {
    return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
  }

  /** The file that counts; empty where none was given and the default one does not exist. */
  final Optional<Path> configurationFile() {
    return ConfigurationFile.find(givenFile());
  }

  /** The file that the operator gave. */
  final Optional<Path> givenFile() {
    return Optional.ofNullable(config);
  }

  /** The configuration in force: the file's, or the defaults. */
  final Configuration configuration() throws IOException, ConfigurationException {
    return ConfigurationFile.read(givenFile());
  }
}
