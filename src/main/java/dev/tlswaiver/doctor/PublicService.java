package dev.tlswaiver.doctor;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.postfix.MainFile;
import dev.tlswaiver.actuator.postfix.MasterFile;
import dev.tlswaiver.actuator.postfix.ServiceEntry;
import dev.tlswaiver.actuator.postfix.TlsParameters;
import java.nio.file.Path;

/**
 * The service that faces the Internet.
 *
 * @param facing its entry in master.cf: smtpd's, or postscreen's before it
 * @param smtpd the entry of its smtpd
 */
record PublicService(
    Path directory,
    MasterFile master,
    ServiceEntry facing,
    ServiceEntry smtpd,
    TlsParameters parameters) {

  static PublicService of(Patient patient) throws HostException {
    MasterFile master = MasterFile.read(patient.configDirectory());
    var found =
        dev.tlswaiver.actuator.postfix.PublicService.find(
            master,
            patient.settings().publicService(),
            new MainFile(patient.programs(), patient.configDirectory()));
    ServiceEntry facing = found.entries().get(0);
    ServiceEntry smtpd = found.smtpd();
    return new PublicService(
        patient.configDirectory(),
        master,
        facing,
        smtpd,
        TlsParameters.read(patient.programs(), patient.configDirectory(), smtpd.arguments()));
  }

  int port() {
    return facing.port().matches("[0-9]{1,5}") ? Integer.parseInt(facing.port()) : 25;
  }

  /** As an operator calls it, at the beginning of a sentence. */
  String label() {
    return "The service " + smtpd.name() + "/" + smtpd.type();
  }

  /** The command that gives a parameter a value where it is set now. */
  String set(String parameter, String value) {
    boolean isOverridden = smtpd.override(parameter).isPresent();
    String tool = "postconf -c " + directory;
    // In master.cf the short form of -o takes no blanks.
    return isOverridden
        ? tool
            + " -P '"
            + smtpd.name()
            + "/"
            + smtpd.type()
            + "/"
            + parameter
            + "="
            + value.replace(", ", ",")
            + "' && "
            + reload()
        : tool + " -e '" + parameter + " = " + value + "' && " + reload();
  }

  String reload() {
    return "postfix -c " + directory + " reload";
  }
}
