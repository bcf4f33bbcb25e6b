package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.actuator.FileEdit;
import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.MailChange;
import dev.tlswaiver.actuator.MailChange.Table;
import dev.tlswaiver.actuator.Redirect;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.waiver.Grant;
import dev.tlswaiver.waiver.Rung;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** What is to change so that the granted networks, and nobody else, have relaxed listeners. */
final class ChangeDraft {
  private final Discovery host;
  private final List<FileEdit> tableEdits = new ArrayList<>();
  private final List<Table> tables = new ArrayList<>();
  private final List<String> entries = new ArrayList<>();
  private final Map<Rung, Integer> listeners = new EnumMap<>(Rung.class);
  private int publicPort = ServiceEntry.SMTP;
  private boolean changesCidr;
  private boolean needsKey;

  private ChangeDraft(Discovery host) {
    this.host = host;
  }

  static MailChange of(
      Discovery host, RelaxedKey key, PostfixControl control, Collection<Grant> grants)
      throws HostException {
    ChangeDraft draft = new ChangeDraft(host);
    Map<Rung, Collection<IpPrefix>> networks = networks(grants);
    if (!networks.isEmpty()) {
      draft.serve(networks, key);
    }
    for (Rung rung : Rung.values()) {
      if (!networks.containsKey(rung)) {
        draft.add(new RungTables(host, rung).gone());
      }
    }
    return draft.change(control);
  }

  private static Map<Rung, Collection<IpPrefix>> networks(Collection<Grant> grants) {
    Map<Rung, Collection<IpPrefix>> networks = new EnumMap<>(Rung.class);
    for (Grant grant : grants) {
      networks.computeIfAbsent(grant.rung(), rung -> new TreeSet<>()).addAll(grant.networks());
    }
    return networks;
  }

  private void serve(Map<Rung, Collection<IpPrefix>> networks, RelaxedKey key)
      throws HostException {
    PublicService service = host.service();
    publicPort = service.port();
    service.refuseProxied(host.master(), host.main());
    if (host.settings().redirect() == Redirect.NFTABLES) {
      SharedPort.refuse(service, host.main());
    }
    TlsParameters strict = host.strict();
    StrictChain chain = StrictChain.read(strict, key.file(), new OpenSsl(host.programs()));
    Restrictions.Asked asked = Restrictions.Asked.read(host.main(), service.smtpd());
    Optional<Gate> gate = Gate.of(host.master(), service, host.main());
    Interfaces interfaces = Interfaces.of(host.main());
    for (Map.Entry<Rung, Collection<IpPrefix>> entry : networks.entrySet()) {
      Rung rung = entry.getKey();
      int port = host.settings().port(rung);
      RungTables.Lookups lookups = new RungTables(host, rung).admitting(entry.getValue());
      Optional<Path> ownKey = chain.keyFor(rung);
      add(lookups);
      listeners.put(rung, port);
      needsKey |= ownKey.isPresent();
      entries.add(
          new RelaxedListener(
                  rung,
                  interfaces.endpoints(port),
                  service.smtpd(),
                  strict,
                  ownKey,
                  Restrictions.of(asked, lookups.names()),
                  gate)
              .text());
    }
  }

  private void add(RungTables.Lookups lookups) {
    tableEdits.addAll(lookups.edits());
    tables.addAll(lookups.tables());
    changesCidr |= lookups.changesCidr();
  }

  private MailChange change(PostfixControl control) throws HostException {
    FileEdit master =
        new FileEdit(
            host.directory().resolve("master.cf"),
            Optional.of(host.master().text()),
            Optional.of(host.master().withBlock(entries).text()));
    List<FileEdit> edits = ordered(master);
    boolean reload =
        !master.changesNothing()
            || changesCidr
            || (edits.isEmpty() && control.hasLost(listeners.values()));
    return new MailChange(edits, tables, reload, publicPort, listeners, needsKey);
  }

  /** Tables are there before master.cf names them, and go after it has stopped. */
  private List<FileEdit> ordered(FileEdit master) {
    List<FileEdit> ordered = new ArrayList<>();
    tableEdits.stream().filter(edit -> edit.next().isPresent()).forEach(ordered::add);
    ordered.add(master);
    tableEdits.stream().filter(edit -> edit.next().isEmpty()).forEach(ordered::add);
    return ordered.stream().filter(edit -> !edit.changesNothing()).toList();
  }
}
