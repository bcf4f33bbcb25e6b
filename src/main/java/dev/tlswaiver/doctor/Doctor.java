package dev.tlswaiver.doctor;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs;
import dev.tlswaiver.actuator.Programs.Result;
import dev.tlswaiver.actuator.postfix.Capabilities;
import dev.tlswaiver.doctor.Checkup.RungState;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Examines a host. */
public final class Doctor {
  private static final Pattern VERSION = Pattern.compile("v?([0-9]+\\.[0-9]\\S*)");

  private Doctor() {}

  private static List<Examination> examinations(Capabilities capabilities) {
    return List.of(
        new PostfixItself(),
        new OpenSslConfiguration(),
        new ServiceCertificates(),
        new PublishedPromises(),
        new TlsSettings(capabilities.offers()),
        new ServiceOverrides(),
        new MailLog(),
        new StalledHandshakes(),
        new PacketFilter(),
        new Ports(),
        new DiskSpace(),
        new Permissions());
  }

  /** All that can be found out now. */
  public static Checkup examine(Patient patient) {
    Chart chart = new Chart();
    Programs programs = patient.programs();
    Capabilities capabilities = patient.capabilities();
    List<RungState> rungs = new RungStates(patient, capabilities).all();
    RungStates.examine(rungs, chart);
    for (Examination examination : examinations(capabilities)) {
      try {
        examination.examine(patient, chart);
      } catch (HostException failure) {
        chart.couldNotSee(String.valueOf(failure.getMessage()));
      }
    }
    return new Checkup(
        patient.hasPostfix()
            ? version(
                programs,
                "postconf",
                "-c",
                patient.configDirectory().toString(),
                "-h",
                "mail_version")
            : Optional.empty(),
        version(programs, "openssl", "version"),
        version(programs, "nft", "--version"),
        rungs,
        chart.findings(),
        chart.unseen());
  }

  /** What a program calls its version; empty where it is not there. */
  static Optional<String> version(Programs programs, String... command) {
    try {
      Result result = programs.run(command);
      Matcher matcher = VERSION.matcher(result.out());
      return result.isGood() && matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    } catch (HostException absent) {
      return Optional.empty();
    }
  }
}
