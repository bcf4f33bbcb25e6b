package dev.tlswaiver.cli;

/** Starts the command line. */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    System.exit(arguments.length == 0 ? 64 : 0);
  }
}
