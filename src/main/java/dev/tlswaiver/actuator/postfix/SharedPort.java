package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.actuator.HostException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Another mail server on the public port, at another address of this host: a second instance of
 * Postfix, for instance. A redirect goes by the peer's address alone and would take its peers too,
 * to a listener that does not accept their mail.
 */
final class SharedPort {
  /** Of inet_interfaces, and no names to be asked of the DNS. */
  private static final Set<String> WORDS = Set.of("all", "loopback-only", "");

  private SharedPort() {}

  /** Refuses a port on which somebody else answers. */
  static void refuse(PublicService service, MainFile main) throws HostException {
    Set<String> others = others(service, main);
    if (!others.isEmpty()) {
      throw new HostException(
          "another mail server answers on port "
              + service.port()
              + " of "
              + String.join(", ", others)
              + ", and a redirect would take its peers too; set redirect: {backend: none} and steer"
              + " by yourself, or give it another network namespace");
    }
  }

  /**
   * The addresses of this host on which somebody else answers on the public port. What can't be
   * told, such as a name that does not resolve, is not held against anybody.
   */
  static Set<String> others(PublicService service, MainFile main) throws HostException {
    Set<InetAddress> listening = listening(service.port());
    if (listening.isEmpty() || listening.stream().anyMatch(InetAddress::isAnyLocalAddress)) {
      return Set.of(); // Whoever has them all has no neighbour.
    }
    Set<InetAddress> ours = ours(service, main);
    return listening.stream()
        .filter(address -> !ours.contains(address))
        .filter(address -> ours.stream().anyMatch(own -> own.getClass() == address.getClass()))
        .map(InetAddress::getHostAddress)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<InetAddress> listening(int port) throws HostException {
    try {
      return ListeningPorts.addresses(port).stream()
          .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
          .collect(Collectors.toSet());
    } catch (IOException unknown) {
      throw new HostException("the kernel's list of sockets can't be read: " + unknown, unknown);
    }
  }

  /** The addresses of the public services, as far as they are named. */
  private static Set<InetAddress> ours(PublicService service, MainFile main) throws HostException {
    List<String> interfaces = Interfaces.of(main).names();
    Set<InetAddress> ours = new HashSet<>();
    for (ServiceEntry entry : service.entries()) {
      for (String name : entry.host().map(List::of).orElse(interfaces)) {
        ours.addAll(addresses(name));
      }
    }
    return ours;
  }

  private static List<InetAddress> addresses(String name) {
    if (WORDS.contains(name)) {
      return List.of();
    }
    try {
      return List.of(InetAddress.getAllByName(name));
    } catch (UnknownHostException unresolved) {
      return List.of();
    }
  }
}
