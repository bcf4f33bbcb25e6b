package dev.tlswaiver.actuator.postfix;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ListeningPortsTest {
  @Test
  void whoListensIsSeenWithItsAddress() throws Exception {
    for (String name : new String[] {"127.0.0.1", "127.1.2.3"}) {
      InetAddress address = InetAddress.getByName(name);
      try (ServerSocket socket = new ServerSocket()) {
        socket.bind(new InetSocketAddress(address, 0));
        assertThat(ListeningPorts.addresses(socket.getLocalPort()))
            .anyMatch(found -> found.equals(address));
        assertThat(ListeningPorts.now()).contains(socket.getLocalPort());
      }
    }
  }

  @Test
  void anAddressOfIpv6IsFourNumbers() throws Exception {
    // As a machine prints it that has the lowest byte first.
    String line =
        "   0: B80D0120000000000000000001000000:0019 00000000000000000000000000000000:0000 0A x";
    assertThat(ListeningPorts.parse(List.of(line)))
        .containsExactly(new InetSocketAddress(InetAddress.getByName("2001:db8::1"), 25));
  }
}
