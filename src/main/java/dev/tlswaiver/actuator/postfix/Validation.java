package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.MailChange;
import dev.tlswaiver.actuator.MailChange.Table;
import dev.tlswaiver.actuator.Programs.Result;
import dev.tlswaiver.actuator.RejectedException;
import dev.tlswaiver.actuator.Stage;
import dev.tlswaiver.waiver.Rung;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What Postfix's own programs say of a staged copy. What they say of the live configuration too is
 * the operator's, and no reason to refuse.
 */
record Validation(Discovery host, Path staged) {

  /**
   * Asks them all.
   *
   * @throws RejectedException if one refuses the copy, or a port is taken
   */
  void validate(MailChange change) throws HostException {
    for (String request : List.of("-n", "-M")) {
      validateSyntax(request);
    }
    for (Table table : change.kept()) {
      validateTable(table);
    }
    validatePorts(change.listeners());
    if (change.reload()) {
      validateServices();
    }
  }

  private void validateSyntax(String request) throws HostException {
    Result result = postconf(staged, request);
    good(Stage.POSTCONF, result);
    Set<String> known = lines(postconf(host.directory(), request).err(), host.directory());
    Set<String> fresh = lines(result.err(), staged);
    fresh.removeAll(known);
    if (!fresh.isEmpty()) {
      throw new RejectedException(
          Stage.POSTCONF,
          "postconf rejected the staged configuration: " + String.join("; ", fresh));
    }
  }

  private Result postconf(Path directory, String request) throws HostException {
    return host.programs().run("postconf", "-c", directory.toString(), request);
  }

  private static Set<String> lines(String text, Path directory) {
    Set<String> lines = new TreeSet<>();
    text.lines().map(line -> line.replace(directory.toString(), "DIR")).forEach(lines::add);
    return lines;
  }

  private static void good(Stage stage, Result result) throws RejectedException {
    if (!result.isGood()) {
      throw new RejectedException(
          stage, stage.label() + " rejected the staged configuration: " + result.said());
    }
  }

  private void validateTable(Table table) throws HostException {
    Path copy = staged.resolve(table.source().getFileName());
    good(
        Stage.POSTMAP,
        host.programs().run("postmap", "-c", staged.toString(), table.type() + ":" + copy));
  }

  /** A reload with a taken port kills master(8), and all mail with it. */
  private void validatePorts(Map<Rung, Integer> listeners) throws HostException {
    List<String> ours = host.master().blockEntries().stream().map(ServiceEntry::port).toList();
    for (Map.Entry<Rung, Integer> listener : listeners.entrySet()) {
      int port = listener.getValue();
      if (!ours.contains(Integer.toString(port)) && ListeningPorts.isTaken(port)) {
        throw new RejectedException(
            Stage.PORT,
            "port "
                + port
                + " of the rung "
                + listener.getKey().label()
                + " is taken by another program; give the rung another port in the ladder");
      }
    }
  }

  private void validateServices() throws HostException {
    MasterFile master = MasterFile.read(staged);
    StandAloneSmtpd smtpd = StandAloneSmtpd.of(host);
    Set<String> usual = smtpd.complaints(host.directory(), host.service().smtpd().arguments());
    for (ServiceEntry entry : master.blockEntries()) {
      // The gate's daemons know no life outside of master(8).
      if (entry.command().equals("smtpd")) {
        Set<String> fresh = smtpd.complaints(staged, entry.arguments());
        fresh.removeAll(usual);
        validateService(entry, fresh);
      }
    }
    good(Stage.SMTPD, host.programs().run("openssl", "ciphers", RelaxedListener.WIDEST_CIPHERS));
  }

  private void validateService(ServiceEntry entry, Set<String> complaints) throws HostException {
    if (!complaints.isEmpty()) {
      throw new RejectedException(
          Stage.SMTPD,
          "smtpd rejected the relaxed listener "
              + entry.name()
              + ": "
              + String.join("; ", complaints));
    }
    TlsParameters parameters = TlsParameters.read(host.programs(), staged, entry.arguments());
    if (parameters.offersTls()) {
      refuseWorthless(entry, parameters);
    }
  }

  /** Whatever main.cf says, and whatever we wrote: what the listener would offer is looked at. */
  private void refuseWorthless(ServiceEntry entry, TlsParameters parameters) throws HostException {
    List<String> worthless =
        new OpenSsl(host.programs()).worthless(parameters.cipherList().orElse(""));
    boolean hasSslv2 =
        parameters.protocolList().filter(list -> list.admits(ProtocolList.SSL_2)).isPresent();
    if (!worthless.isEmpty() || hasSslv2) {
      throw new RejectedException(
          Stage.SMTPD,
          "the relaxed listener "
              + entry.name()
              + " would offer "
              + (worthless.isEmpty() ? "SSLv2" : String.join(", ", worthless))
              + ", which no waiver is worth; this is a defect of tlswaiver, please report it with"
              + " the output of: postconf -c "
              + host.directory()
              + " -n");
    }
  }
}
