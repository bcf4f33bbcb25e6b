package dev.tlswaiver.doctor;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs.Result;
import dev.tlswaiver.actuator.postfix.PostfixVersion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Whether there is a Postfix that can serve relaxed listeners, and OpenSSL's command. */
final class PostfixItself implements Examination {
  private static final String VERSION = "mail_version";

  @Override
  public void examine(Patient patient, Chart chart) throws HostException {
    if (Doctor.version(patient.programs(), "openssl", "version").isEmpty()) {
      chart.find(
          Ailment.OPENSSL_MISSING,
          "The openssl command is not in PATH, or does not run.",
          "apt-get install openssl, or: dnf install openssl");
    }
    if (!hasPostfix(patient, chart)) {
      return;
    }
    if (isTooOld(patient, chart)) {
      return; // Nothing else can be asked of it.
    }
    if (patient.publicService().isEmpty()) {
      chart.find(
          Ailment.PUBLIC_SERVICE_MISSING,
          reason(patient) + ".",
          "in tlswaiver.yaml: postfix: {public_service: NAME}, a name in the first column of "
              + patient.configDirectory().resolve("master.cf"));
    }
    examineMapType(patient, chart);
    examineRunning(patient, chart);
  }

  private static boolean hasPostfix(Patient patient, Chart chart) {
    Path main = patient.configDirectory().resolve("main.cf");
    if (!Files.exists(main)) {
      chart.find(
          Ailment.POSTFIX_MISSING,
          main + " does not exist.",
          "apt-get install postfix, or name its directory in tlswaiver.yaml: postfix:"
              + " {config_directory: DIRECTORY}");
      return false;
    }
    if (!Files.isReadable(main)) {
      chart.couldNotSee("Postfix: " + main + " is not readable for this user");
      return false;
    }
    try {
      patient
          .programs()
          .run("postconf", "-c", patient.configDirectory().toString(), "-d", "-h", VERSION);
      return true;
    } catch (HostException absent) {
      chart.find(
          Ailment.POSTFIX_MISSING,
          "The program postconf can't be started.",
          "apt-get install postfix, and look at the PATH of tlswaiver: it needs /usr/sbin");
      return false;
    }
  }

  private static boolean isTooOld(Patient patient, Chart chart) throws HostException {
    PostfixVersion version =
        PostfixVersion.parse(
            patient
                .programs()
                .output("postconf", "-c", patient.configDirectory().toString(), "-h", VERSION));
    if (!version.isAtLeast(2, 10)) {
      chart.find(
          Ailment.POSTFIX_TOO_OLD,
          "This is Postfix " + version + ".",
          "install Postfix 2.10 or later");
    }
    return !version.isAtLeast(2, 10);
  }

  private static String reason(Patient patient) {
    try {
      PublicService.of(patient);
      return "";
    } catch (HostException reason) {
      return String.valueOf(reason.getMessage());
    }
  }

  private static void examineMapType(Patient patient, Chart chart) throws HostException {
    String type = patient.parameter("default_database_type");
    List<String> known =
        Arrays.asList(
            patient
                .programs()
                .output("postconf", "-c", patient.configDirectory().toString(), "-m")
                .split("\\s+"));
    if (!known.contains(type)) {
      chart.find(
          Ailment.MAP_TYPE_MISSING,
          "default_database_type is " + type + ", which this Postfix does not have.",
          known.contains("lmdb")
              ? "postconf -c " + patient.configDirectory() + " -e 'default_database_type = lmdb'"
              : "apt-get install postfix-" + type);
    }
  }

  private static void examineRunning(Patient patient, Chart chart) throws HostException {
    if (!patient.isRoot()) {
      chart.couldNotSee("whether Postfix is running: only root may ask its master");
      return;
    }
    Result status =
        patient.programs().run("postfix", "-c", patient.configDirectory().toString(), "status");
    if (!status.isGood()) {
      chart.find(
          Ailment.POSTFIX_STOPPED,
          "Postfix is not running.",
          "postfix -c " + patient.configDirectory() + " start");
    }
  }
}
