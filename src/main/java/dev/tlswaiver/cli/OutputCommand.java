package dev.tlswaiver.cli;

import dev.tlswaiver.agent.Configuration;
import dev.tlswaiver.agent.ConfigurationException;
import dev.tlswaiver.agent.ConfigurationReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

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

  OutputCommand(PrintStream out) {
    this.out = out;
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

  /** How data is written. */
  enum Format {
    TEXT,
    JSON;

    /** Reads the word that the operator typed. */
    static final class Converter implements ITypeConverter<Format> {
      @Override
      public Format convert(String word) {
        return switch (word.toLowerCase(Locale.ROOT)) {
          case "text" -> TEXT;
          case "json" -> JSON;
          default -> throw new TypeConversionException("not text or json: " + word);
        };
      }
    }
  }
}
