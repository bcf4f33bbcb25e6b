package dev.tlswaiver.actuator.postfix;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The TCP ports on which somebody listens in this network namespace, as proc(5) tells them: asking
 * a listener itself would leave a line in the mail log each time.
 */
public final class ListeningPorts {
  private static final List<Path> TABLES =
      List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"));

  /** TCP_LISTEN of the kernel's tcp_states.h. */
  private static final String LISTEN = "0A";

  private static final int LOCAL_ADDRESS = 1;
  private static final int STATE = 3;

  /** Of a number of four bytes. */
  private static final int DIGITS = 8;

  private ListeningPorts() {}

  static Set<Integer> now() throws IOException {
    return sockets().stream().map(InetSocketAddress::getPort).collect(Collectors.toSet());
  }

  /** The addresses on which somebody listens on this port. */
  static Set<InetAddress> addresses(int port) throws IOException {
    return sockets().stream()
        .filter(socket -> socket.getPort() == port)
        .map(InetSocketAddress::getAddress)
        .collect(Collectors.toSet());
  }

  private static Set<InetSocketAddress> sockets() throws IOException {
    Set<InetSocketAddress> sockets = new HashSet<>();
    for (Path table : TABLES) {
      if (Files.exists(table)) { // Without IPv6 there is one only.
        sockets.addAll(parse(Files.readAllLines(table)));
      }
    }
    return sockets;
  }

  /** Whether another program holds this port. */
  public static boolean isTaken(int port) {
    for (String address : List.of("0.0.0.0", "::")) {
      try (ServerSocket socket = new ServerSocket()) {
        socket.bind(new InetSocketAddress(InetAddress.getByName(address), port));
      } catch (BindException taken) {
        // A low port is refused to users, whoever has it.
        if (String.valueOf(taken.getMessage()).contains("in use")) {
          return true;
        }
      } catch (IOException noFamily) {
        // An address family that this host does not have can't be taken.
      }
    }
    return false;
  }

  /**
   * Reads lines like {@code 0: 00000000:278F 00000000:0000 0A ...}, whose second column is the
   * local address and port; the first line is a heading.
   */
  static Set<InetSocketAddress> parse(List<String> lines) throws IOException {
    Set<InetSocketAddress> sockets = new HashSet<>();
    for (String line : lines) {
      String[] columns = line.strip().split("\\s+");
      if (columns.length > STATE && columns[STATE].equals(LISTEN)) {
        String[] local = columns[LOCAL_ADDRESS].split(":");
        sockets.add(new InetSocketAddress(address(local[0]), Integer.parseInt(local[1], 16)));
      }
    }
    return sockets;
  }

  /** The kernel prints an address as numbers of four bytes, in the machine's own order. */
  private static InetAddress address(String hex) throws IOException {
    ByteBuffer address = ByteBuffer.allocate(hex.length() / 2).order(ByteOrder.nativeOrder());
    for (int i = 0; i < hex.length(); i += DIGITS) {
      address.putInt(Integer.parseUnsignedInt(hex, i, i + DIGITS, 16));
    }
    return InetAddress.getByAddress(address.array());
  }
}
