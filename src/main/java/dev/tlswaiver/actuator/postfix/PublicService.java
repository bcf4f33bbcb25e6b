package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.actuator.HostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The services of master.cf that face the Internet.
 *
 * <p>There may be one for each address of the host. A redirect knows none of them apart, so all
 * must be alike.
 *
 * @param entries one or more
 * @param smtpd the smtpd(8) entry behind them: the first itself, or what postscreen(8) passes peers
 *     to
 */
public record PublicService(List<ServiceEntry> entries, ServiceEntry smtpd) {
  /** In what two services may differ and still do the same with a peer. */
  private static final Set<String> HARMLESS =
      Set.of(
          "syslog_name",
          "smtpd_banner",
          "myhostname",
          "smtp_bind_address",
          "smtp_bind_address6",
          // No two processes can have one open, and several entries may pass to one smtpd(8) each.
          "postscreen_cache_map",
          "smtpd_service_name");

  public PublicService {
    entries = List.copyOf(entries);
  }

  /**
   * Those of this master.cf.
   *
   * @param wanted the name of the one that counts, where the operator gave one
   * @throws HostException if there is none, or if there are several that are not alike
   */
  public static PublicService find(MasterFile master, Optional<String> wanted, MainFile main)
      throws HostException {
    List<ServiceEntry> entries = entries(master, wanted);
    if (entries.isEmpty()) {
      throw new HostException(none(master, wanted));
    }
    List<ServiceEntry> behind = new ArrayList<>();
    for (ServiceEntry entry : entries) {
      behind.add(smtpd(master, entry, main));
    }
    for (int i = 1; i < entries.size(); i++) {
      refuseDifferent(master, entries.get(0), behind.get(0), entries.get(i), behind.get(i));
    }
    return new PublicService(entries, behind.get(0));
  }

  /** The number of the port that peers come to. */
  int port() throws HostException {
    return entries.get(0).portNumber();
  }

  /** The postscreen(8) that stands before it; empty where peers come to smtpd(8) directly. */
  Optional<ServiceEntry> postscreen() {
    return Optional.of(entries.get(0)).filter(PublicService::isPostscreen);
  }

  private static boolean isPostscreen(ServiceEntry entry) {
    return entry.command().equals("postscreen");
  }

  private static List<ServiceEntry> entries(MasterFile master, Optional<String> wanted)
      throws HostException {
    List<ServiceEntry> inet =
        master.entries().stream().filter(entry -> entry.type().equals("inet")).toList();
    if (wanted.isPresent()) {
      return inet.stream().filter(entry -> isCalled(entry, wanted.get())).toList();
    }
    List<ServiceEntry> all = inet.stream().filter(entry -> isPublic(entry.port())).toList();
    List<ServiceEntry> outside = all.stream().filter(entry -> !entry.isLoopback()).toList();
    return outside.isEmpty() ? all : outside;
  }

  private static boolean isPublic(String port) {
    return port.equals("smtp") || port.equals("25");
  }

  /** The operator may write 25 where master.cf says smtp. */
  private static boolean isCalled(ServiceEntry entry, String name) {
    return byNumber(entry.name()).equals(byNumber(name));
  }

  private static String byNumber(String name) {
    boolean isNamed = name.equals("smtp") || name.endsWith(":smtp");
    return isNamed ? name.substring(0, name.length() - "smtp".length()) + "25" : name;
  }

  private static String none(MasterFile master, Optional<String> wanted) {
    List<String> commented =
        wanted.isPresent() ? List.of() : master.commentedOut(PublicService::isPublic);
    return master.name()
        + " has no inet service "
        + wanted.orElse("smtp")
        + (commented.isEmpty() ? "" : " (commented out: " + String.join(", ", commented) + ")")
        + "; name the one that faces the Internet in postfix.public_service";
  }

  private static ServiceEntry smtpd(MasterFile master, ServiceEntry entry, MainFile main)
      throws HostException {
    if (entry.command().equals("smtpd")) {
      return entry;
    }
    if (!isPostscreen(entry)) {
      throw new HostException(
          master.place(entry.line())
              + ": the service "
              + entry.name()
              + " runs "
              + entry.command()
              + ", not smtpd; name the smtpd service that faces the Internet in"
              + " postfix.public_service");
    }
    String passedTo = main.value(entry, "smtpd_service_name");
    for (ServiceEntry other : master.entries()) {
      if (other.type().equals("pass") && other.name().equals(passedTo)) {
        return other;
      }
    }
    throw new HostException(
        master.place(entry.line())
            + ": postscreen passes its peers to the service "
            + passedTo
            + ", and there is no such pass service in "
            + master.name());
  }

  private static void refuseDifferent(
      MasterFile master,
      ServiceEntry first,
      ServiceEntry firstSmtpd,
      ServiceEntry other,
      ServiceEntry otherSmtpd)
      throws HostException {
    Set<String> different = different(firstSmtpd, otherSmtpd);
    if (isPostscreen(first) != isPostscreen(other)) {
      different.add("postscreen, which stands before one of them alone");
    } else if (isPostscreen(first)) {
      different.addAll(different(first, other));
    }
    if (!different.isEmpty()) {
      throw new HostException(
          "the services "
              + first.name()
              + " ("
              + master.place(first.line())
              + ") and "
              + other.name()
              + " ("
              + master.place(other.line())
              + ") both face the Internet and differ in "
              + String.join(", ", different)
              + "; a waived peer of either comes to one listener: make them alike, or name the one"
              + " that it is to be like in postfix.public_service");
    }
  }

  private static Set<String> different(ServiceEntry one, ServiceEntry other) {
    Map<String, String> left = one.overrides();
    Map<String, String> right = other.overrides();
    Set<String> different = new TreeSet<>(left.keySet());
    different.addAll(right.keySet());
    different.removeAll(HARMLESS);
    different.removeIf(name -> Objects.equals(left.get(name), right.get(name)));
    return different;
  }

  /**
   * Refuses services whose peers come by way of a proxy: a redirect sees only the proxy's address.
   */
  void refuseProxied(MasterFile master, MainFile main) throws HostException {
    for (ServiceEntry entry : entries) {
      boolean isBehind = isPostscreen(entry);
      refuseProxied(master, main, isBehind ? smtpd : entry, "smtpd_upstream_proxy_protocol");
      if (isBehind) {
        refuseProxied(master, main, entry, "postscreen_upstream_proxy_protocol");
      }
    }
  }

  private static void refuseProxied(
      MasterFile master, MainFile main, ServiceEntry entry, String parameter) throws HostException {
    String protocol = main.value(entry, parameter);
    if (!protocol.isEmpty()) {
      throw new HostException(
          master.place(entry.line())
              + ": the peers of "
              + entry.name()
              + " come through a proxy ("
              + parameter
              + " = "
              + protocol
              + "), whose address is all that a redirect sees, so nobody can be waived here; set"
              + " mode: observe, or name a service that peers reach directly in"
              + " postfix.public_service");
    }
  }
}
