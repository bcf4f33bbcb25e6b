package dev.tlswaiver.release;

/** A release of Debian, and the versions that make it worth a test of its own. */
enum Release {
  BULLSEYE("3.5", "1.1.1", 17),
  BOOKWORM("3.7", "3.0", 17),
  TRIXIE("3.10", "3.5", 21);

  final String postfix;
  final String openssl;
  final int javaVersion;

  Release(String postfix, String openssl, int javaVersion) {
    this.postfix = postfix;
    this.openssl = openssl;
    this.javaVersion = javaVersion;
  }

  String label() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
