package dev.tlswaiver.doctor;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs;
import dev.tlswaiver.actuator.postfix.ListeningPorts;
import dev.tlswaiver.actuator.postfix.MasterFile;
import dev.tlswaiver.actuator.postfix.PostfixMail;
import dev.tlswaiver.actuator.postfix.ServiceEntry;
import dev.tlswaiver.waiver.Rung;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether another program listens where a rung's listener would, or beside the public service. */
final class Ports implements Examination {
  private static final Pattern USER = Pattern.compile("users:\\(\\(\"([^\"]{1,64})\",pid=([0-9]+)");

  @Override
  public void examine(Patient patient, Chart chart) throws HostException {
    examineNeighbours(patient, chart);
    Set<String> ours = new HashSet<>();
    if (patient.hasPostfix()) {
      MasterFile.read(patient.configDirectory()).blockEntries().stream()
          .map(ServiceEntry::port)
          .forEach(ours::add);
    }
    for (Map.Entry<Rung, Integer> rung : new TreeMap<>(patient.settings().ports()).entrySet()) {
      boolean isOurs = ours.contains(rung.getValue().toString());
      if (patient.enabled().contains(rung.getKey())
          && !isOurs
          && ListeningPorts.isTaken(rung.getValue())) {
        chart.find(
            Ailment.PORT_TAKEN,
            "Port "
                + rung.getValue()
                + " of the rung "
                + rung.getKey().label()
                + " is taken by "
                + holder(patient.programs(), rung.getValue())
                + ".",
            "in tlswaiver.yaml, another port for it: ladder: [{rung: "
                + rung.getKey().label()
                + ", enabled: true, port: PORT}]");
      }
    }
  }

  private static void examineNeighbours(Patient patient, Chart chart) throws HostException {
    Optional<PublicService> service =
        patient.isRedirecting() ? patient.publicService() : Optional.empty();
    if (service.isEmpty()) {
      return;
    }
    Set<String> others =
        new PostfixMail(patient.settings(), patient.programs()).othersOnPublicPort();
    if (!others.isEmpty()) {
      chart.find(
          Ailment.PORT_SHARED,
          "Another server answers on port "
              + service.get().port()
              + " of "
              + String.join(", ", others)
              + ".",
          "in tlswaiver.yaml: redirect: {backend: none}, and steer by yourself; or give the other"
              + " server a network namespace of its own");
    }
  }

  private static String holder(Programs programs, int port) {
    try {
      Matcher user = USER.matcher(programs.run("ss", "-Hltnp", "sport", "=", ":" + port).out());
      return user.find() ? user.group(1) + " (process " + user.group(2) + ")" : "another program";
    } catch (HostException absent) {
      return "another program";
    }
  }
}
