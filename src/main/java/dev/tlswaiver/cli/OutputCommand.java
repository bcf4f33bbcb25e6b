package dev.tlswaiver.cli;

import dev.tlswaiver.agent.Configuration;
import dev.tlswaiver.agent.ConfigurationException;
import dev.tlswaiver.agent.ConfigurationReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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
  static final Path DEFAULT_CONFIG = Path.of("/etc/tlswaiver/tlswaiver.yaml");

  final PrintStream out;

  /** Null until the operator gives one: the default file may be absent, a given one may not. */
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
    err.println("tlswaiver: " + message);
  }

  /** What the operator typed can't be meant like this. */
  final ParameterException usage(String message) {
    return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
  }

  /** The file that counts; empty where none was given and the default one does not exist. */
  final Optional<Path> configurationFile() {
    if (config != null) {
      return Optional.of(config);
    }
    return Files.exists(DEFAULT_CONFIG) ? Optional.of(DEFAULT_CONFIG) : Optional.empty();
  }

  /** The configuration in force: the file's, or the defaults. */
  final Configuration configuration() throws IOException, ConfigurationException {
    Optional<Path> file = configurationFile();
    return file.isPresent() ? ConfigurationReader.read(file.get()) : Configuration.defaults();
  }
}
