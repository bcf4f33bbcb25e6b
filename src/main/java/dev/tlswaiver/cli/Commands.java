package dev.tlswaiver.cli;

import java.io.PrintStream;
import picocli.CommandLine;
import picocli.CommandLine.IFactory;

/** Makes the commands, giving each the stream that its data goes to. */
final class Commands implements IFactory {
  private final PrintStream out;

  Commands(PrintStream out) {
    this.out = out;
  }

  @Override
  public <K> K create(Class<K> type) throws Exception {
    return OutputCommand.class.isAssignableFrom(type)
        ? type.getDeclaredConstructor(PrintStream.class).newInstance(out)
        : CommandLine.defaultFactory().create(type);
  }
}
