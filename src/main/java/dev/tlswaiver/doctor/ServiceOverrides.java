package dev.tlswaiver.doctor;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.postfix.MasterFile;
import dev.tlswaiver.actuator.postfix.ServiceEntry;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Settings that Postfix never looks at. */
final class ServiceOverrides implements Examination {
  private static final Pattern UNUSED =
      Pattern.compile(".*?(\\S+/(?:main|master)\\.cf): unused parameter: (\\S*?tls\\S*?)=.*");

  @Override
  public void examine(Patient patient, Chart chart) throws HostException {
    if (!patient.hasPostfix()) {
      return;
    }
    String tool = "postconf -c " + patient.configDirectory();
    Set<String> names = new HashSet<>();
    for (ServiceEntry entry : MasterFile.read(patient.configDirectory()).entries()) {
      if (!names.add(entry.name() + "/" + entry.type())) {
        chart.find(
            Ailment.DUPLICATE_SERVICE,
            "master.cf has the service " + entry.name() + "/" + entry.type() + " more than once.",
            "comment out in "
                + patient.configDirectory().resolve("master.cf")
                + " all but the one that is meant");
      }
      examineForm(entry, patient, chart);
      if (entry.command().equals("smtpd")) {
        entry.overrides().forEach((name, value) -> examine(entry, name, value, tool, chart));
      }
    }
    for (String request : List.of("-n", "-M")) {
      patient
          .programs()
          .run("postconf", "-c", patient.configDirectory().toString(), request)
          .err()
          .lines()
          .map(UNUSED::matcher)
          .filter(Matcher::matches)
          .forEach(
              unused ->
                  chart.find(
                      Ailment.UNUSED_PARAMETER,
                      unused.group(1) + ": nothing reads " + unused.group(2) + ".",
                      tool
                          + " -X "
                          + unused.group(2)
                          + ", after a look for the right name: postconf -d | grep tls"));
    }
    examinePostlog(patient, chart);
  }

  /** Blanks around the sign make words of their own; braces keep them together. */
  private static void examineForm(ServiceEntry entry, Patient patient, Chart chart) {
    List<String> arguments = entry.arguments();
    for (int i = 0; i + 1 < arguments.size(); i++) {
      String word = arguments.get(i + 1);
      if (arguments.get(i).equals("-o") && !word.contains("=")) {
        chart.find(
            Ailment.OVERRIDE_BROKEN,
            "The service "
                + entry.name()
                + "/"
                + entry.type()
                + " in master.cf has -o "
                + word
                + " without a value in the same word.",
            "in "
                + patient.configDirectory().resolve("master.cf")
                + ", without blanks: -o "
                + word
                + "=VALUE");
      }
    }
  }

  private static void examine(
      ServiceEntry entry, String name, String value, String tool, Chart chart) {
    if (!name.startsWith("smtp_tls_") && !name.equals("smtp_use_tls")) {
      return;
    }
    String service = entry.name() + "/" + entry.type() + "/";
    chart.find(
        Ailment.CLIENT_SETTING_ON_SERVER,
        "The service "
            + entry.name()
            + "/"
            + entry.type()
            + " in master.cf, an smtpd, has -o "
            + name
            + "="
            + value
            + ".",
        tool
            + " -PX '"
            + service
            + name
            + "'; if it is meant for mail that comes in: "
            + tool
            + " -P '"
            + service
            + name.replaceFirst("smtp_", "smtpd_")
            + "="
            + value
            + "'");
  }

  private static void examinePostlog(Patient patient, Chart chart) throws HostException {
    String file = patient.parameter("maillog_file");
    boolean hasService =
        MasterFile.read(patient.configDirectory()).entries().stream()
            .anyMatch(entry -> entry.command().equals("postlogd"));
    if (file.startsWith("/") && !hasService) {
      chart.find(
          Ailment.POSTLOG_MISSING,
          "maillog_file is " + file + ", and master.cf has no service postlog.",
          "postconf -c "
              + patient.configDirectory()
              + " -M 'postlog/unix-dgram=postlog unix-dgram n - n - 1 postlogd' && postfix -c "
              + patient.configDirectory()
              + " reload");
    }
  }
}
