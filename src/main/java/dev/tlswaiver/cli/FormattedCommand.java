package dev.tlswaiver.cli;

import java.io.PrintStream;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** A command whose data a person may read, or a program. */
abstract class FormattedCommand extends OutputCommand {
  @Option(
      names = "--format",
      paramLabel = "F",
      defaultValue = "text",
      converter = Format.Converter.class,
      description = "text or json (default: ${DEFAULT-VALUE}).")
  private Format format = Format.TEXT;

  FormattedCommand(PrintStream out) {
    super(out);
  }

  /** Whether a program reads it. */
  final boolean isJson() {
    return format == Format.JSON;
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
