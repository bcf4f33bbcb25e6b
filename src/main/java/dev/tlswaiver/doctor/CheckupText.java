package dev.tlswaiver.doctor;

import dev.tlswaiver.doctor.Checkup.RungState;
import java.util.Locale;
import java.util.Optional;

/** A checkup for a person. */
public final class CheckupText {
  private CheckupText() {}

  /** The text, ended by a newline. */
  public static String of(Checkup checkup) {
    StringBuilder text = new StringBuilder();
    text.append("Postfix ")
        .append(orAbsent(checkup.postfix()))
        .append(", OpenSSL ")
        .append(orAbsent(checkup.openssl()))
        .append(", nftables ")
        .append(orAbsent(checkup.nftables()))
        .append("\n\n");
    for (RungState rung : checkup.rungs()) {
      text.append(
          String.format(
              Locale.ROOT,
              "  %-10s %5d  %s%s%n",
              rung.rung().label(),
              rung.port(),
              rung.why().map(why -> "not possible: " + why).orElseGet(() -> offer(rung)),
              rung.isEnabled() ? "" : " (not enabled)"));
    }
    text.append('\n');
    for (Finding finding : checkup.findings()) {
      text.append(finding.ailment().severity().label())
          .append(": ")
          .append(finding.ailment().id())
          .append("\n  ")
          .append(finding.what())
          .append("\n  Why it matters: ")
          .append(finding.ailment().why())
          .append("\n  Mend: ")
          .append(finding.mend())
          .append("\n\n");
    }
    if (checkup.findings().isEmpty()) {
      text.append("Nothing found.\n");
    }
    checkup.unseen().forEach(what -> text.append("Not seen: ").append(what).append('\n'));
    return text.toString();
  }

  private static String orAbsent(Optional<String> version) {
    return version.orElse("(not found)");
  }

  private static String offer(RungState rung) {
    return rung.versions().isEmpty()
        ? "no TLS"
        : String.join(", ", rung.versions()) + " with " + rung.suites() + " suites";
  }
}
