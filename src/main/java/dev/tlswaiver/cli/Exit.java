package dev.tlswaiver.cli;

/** The exit codes of every command; a contract. */
final class Exit {
  static final int DONE = 0;
  static final int FAILED = 1;
  static final int DIFFERENCES = 3;
  static final int USAGE = 64;
  static final int CONFIGURATION = 78;

  private Exit() {}
}
