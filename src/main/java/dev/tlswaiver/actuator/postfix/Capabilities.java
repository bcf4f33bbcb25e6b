package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs;
import dev.tlswaiver.waiver.Rung;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/** What this host's OpenSSL can't do, whatever it is told. */
public final class Capabilities {
  private Capabilities() {}

  /** The rungs that can't be served, each with the reason why. */
  public static Map<Rung, String> impossibleRungs(Programs programs) {
    Map<Rung, String> impossible = new EnumMap<>(Rung.class);
    try {
      Set<Integer> versions = new OpenSsl(programs).versions();
      if (!versions.contains(ProtocolList.SSL_3)) {
        impossible.put(
            Rung.SSLV3, "this OpenSSL was built without SSLv3; plaintext is the rung above it");
      }
      if (!versions.contains(ProtocolList.TLS_1)) {
        impossible.put(Rung.LEGACY, "this OpenSSL was built without TLS 1.0");
      }
    } catch (HostException absent) {
      // Without the openssl command nothing is known; the relaxed smtpd itself will say.
    }
    return impossible;
  }
}
