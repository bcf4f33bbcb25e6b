package dev.tlswaiver.doctor;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The crypto policy that Red Hat's systems put upon OpenSSL. */
record CryptoPolicy(Path root) {
  private static final Set<String> RED_HATS = Set.of("rhel", "centos", "almalinux", "rocky", "ol");

  private static final int FIRST_WITHOUT_SHA1 = 9;

  /**
   * Why TLS 1.0 and 1.1 are impossible here: from release 9 on their signatures are switched off in
   * the library, whatever its security level is.
   */
  Optional<String> objectionToSha1() {
    List<String> release = TextFile.lines(root.resolve("etc/os-release"));
    String policy =
        TextFile.lines(root.resolve("etc/crypto-policies/state/current")).stream()
            .findFirst()
            .orElse("");
    boolean isRedHat =
        value(release, "ID").filter(RED_HATS::contains).isPresent()
            && value(release, "VERSION_ID")
                .filter(id -> id.matches("[0-9]{1,4}(\\..*)?"))
                .map(id -> Integer.parseInt(id.replaceFirst("\\..*", "")))
                .filter(number -> number >= FIRST_WITHOUT_SHA1)
                .isPresent();
    return isRedHat && !policy.isEmpty() && !policy.contains("SHA1")
        ? Optional.of(
            "the crypto policy "
                + policy
                + " forbids SHA-1, and with it TLS 1.0 and 1.1; plaintext is the rung above, or for"
                + " the whole host: update-crypto-policies --set DEFAULT:SHA1")
        : Optional.empty();
  }

  private static Optional<String> value(List<String> lines, String name) {
    return lines.stream()
        .filter(line -> line.startsWith(name + "="))
        .map(line -> line.substring(name.length() + 1).replace("\"", "").strip())
        .findFirst();
  }
}
