package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.actuator.HostException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Where Postfix listens.
 *
 * @param names the words of inet_interfaces, without brackets
 * @param protocols the words of inet_protocols
 */
record Interfaces(List<String> names, Set<String> protocols) {
  private static final Path IPV6_ADDRESSES = Path.of("/proc/net/if_inet6");

  Interfaces {
    names = List.copyOf(names);
    protocols = Set.copyOf(protocols);
  }

  static Interfaces of(MainFile main) throws HostException {
    return new Interfaces(
        words(main.value("inet_interfaces").replaceAll("[\\[\\]]", "")),
        Set.copyOf(words(main.value("inet_protocols"))));
  }

  private static List<String> words(String value) {
    return List.of(value.split("[\\s,]+"));
  }

  /**
   * Where a relaxed listener listens. A redirect leads to the first address of the interface that
   * the peer came in by, and Postfix may have been told of another one alone: then it is every
   * address, which the guard in the firewall closes for everybody else.
   */
  List<String> endpoints(int port) {
    if (names.equals(List.of("all"))) {
      return List.of(Integer.toString(port));
    }
    List<String> endpoints = new ArrayList<>();
    if (uses("ipv4")) {
      endpoints.add("0.0.0.0:" + port);
    }
    // Binding to what the kernel lacks would kill master(8).
    if (uses("ipv6") && hasIpv6()) {
      endpoints.add("[::]:" + port);
    }
    return endpoints;
  }

  private boolean uses(String family) {
    return protocols.contains("all") || protocols.contains(family);
  }

  private static boolean hasIpv6() {
    try {
      return !Files.readString(IPV6_ADDRESSES).isBlank();
    } catch (IOException without) {
      return false;
    }
  }

  /** Where this host itself reaches a service. */
  InetSocketAddress address(ServiceEntry entry) throws HostException {
    String first = names.get(0);
    boolean isOnLoopback = first.equals("all") || first.equals("loopback-only");
    return address(entry.host().orElse(isOnLoopback ? loopback() : first), entry.portNumber());
  }

  /** Where this host itself reaches a relaxed listener, which is on every address. */
  InetSocketAddress loopback(int port) throws HostException {
    return address(loopback(), port);
  }

  private String loopback() {
    return uses("ipv4") ? "127.0.0.1" : "::1";
  }

  private static InetSocketAddress address(String name, int port) throws HostException {
    try {
      return new InetSocketAddress(InetAddress.getByName(name), port);
    } catch (UnknownHostException unknown) {
      throw new HostException("inet_interfaces names an unknown host: " + name, unknown);
    }
  }
}
