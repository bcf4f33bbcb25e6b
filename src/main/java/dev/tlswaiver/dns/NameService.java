package dev.tlswaiver.dns;

import dev.tlswaiver.peer.HostName;
import dev.tlswaiver.peer.IpAddress;
import java.util.List;

/** Answers from zones that strangers write. */
public interface NameService {
  /**
   * What the address is called; nothing where it has no name.
   *
   * @throws NoAnswerException if nobody could tell
   */
  List<HostName> names(IpAddress address) throws NoAnswerException;

  /**
   * The IPv4 or the IPv6 addresses of a name; nothing where it has none.
   *
   * @throws NoAnswerException if nobody could tell
   */
  List<IpAddress> addresses(HostName name, boolean isIpv6) throws NoAnswerException;
}
