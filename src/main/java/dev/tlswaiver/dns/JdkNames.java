package dev.tlswaiver.dns;

import dev.tlswaiver.peer.HostName;
import dev.tlswaiver.peer.IpAddress;
import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import java.util.Optional;
import javax.naming.Context;
import javax.naming.NameNotFoundException;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.directory.DirContext;
import javax.naming.directory.InitialDirContext;

/**
 * The resolvers of /etc/resolv.conf, asked by the JDK's own DNS client. It reads that file again
 * when it has changed, checks who answers, and falls back to TCP.
 *
 * <p>It is reached through JNDI, of which nothing else is used: the provider is fixed here, and
 * names are made of checked text.
 */
public final class JdkNames implements NameService, OwnZone {
  /** For each server, and twice as long the second time. */
  private static final String TIMEOUT_MILLIS = "1500";

  private static final String TRIES = "2";

  /** TLSA, by its number (RFC 6698, 7.1): the JDK has no name for it, and hands out its bytes. */
  private static final String TLSA = "52";

  /** More than any honest host has. */
  private static final int MOST_RECORDS = 64;

  @Override
  public List<HostName> names(IpAddress address) throws NoAnswerException {
    return texts(reverse(address), "PTR").stream()
        .map(HostName::find)
        .flatMap(Optional::stream)
        .toList();
  }

  @Override
  public List<IpAddress> addresses(HostName name, boolean isIpv6) throws NoAnswerException {
    return texts(name.text(), isIpv6 ? "AAAA" : "A").stream()
        .map(IpAddress::find)
        .flatMap(Optional::stream)
        .toList();
  }

  @Override
  public List<String> texts(String name) throws NoAnswerException {
    return texts(name, "TXT");
  }

  @Override
  public List<byte[]> tlsa(String name) throws NoAnswerException {
    return ask(name, TLSA).stream()
        .filter(byte[].class::isInstance)
        .map(byte[].class::cast)
        .toList();
  }

  private static List<String> texts(String name, String type) throws NoAnswerException {
    return ask(name, type).stream().map(Object::toString).toList();
  }

  // Error Prone warns of objects out of what a server sends; those of DNS are strings and bytes.
  // JNDI takes nothing but a Hashtable.
  @SuppressWarnings({"BanJNDI", "JdkObsolete"})
  private static List<Object> ask(String name, String type) throws NoAnswerException {
    Hashtable<String, String> environment = new Hashtable<>();
    environment.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.dns.DnsContextFactory");
    environment.put(Context.PROVIDER_URL, "dns:");
    environment.put("com.sun.jndi.dns.timeout.initial", TIMEOUT_MILLIS);
    environment.put("com.sun.jndi.dns.timeout.retries", TRIES);
    try {
      DirContext resolver = new InitialDirContext(environment);
      try {
        Attribute records = resolver.getAttributes(name, new String[] {type}).get(type);
        return records == null ? List.of() : all(records.getAll()); // Null: no such record.
      } finally {
        resolver.close();
      }
    } catch (NameNotFoundException nameless) {
      return List.of();
    } catch (NamingException failure) {
      throw new NoAnswerException(name, failure);
    }
  }

  private static List<Object> all(NamingEnumeration<?> records) throws NamingException {
    List<Object> all = new ArrayList<>();
    while (all.size() < MOST_RECORDS && records.hasMore()) {
      all.add(records.next());
    }
    return all;
  }

  /** The name below which DNS keeps the name of an address (RFC 1035, 3.5; RFC 3596, 2.5). */
  static String reverse(IpAddress address) {
    byte[] bytes = address.bytes();
    StringBuilder name = new StringBuilder(80);
    for (int i = bytes.length - 1; i >= 0; i--) {
      if (address.isIpv6()) {
        name.append(Character.forDigit(bytes[i] & 0xf, 16))
            .append('.')
            .append(Character.forDigit(bytes[i] >> 4 & 0xf, 16));
      } else {
        name.append(bytes[i] & 0xff);
      }
      name.append('.');
    }
    return name.append(address.isIpv6() ? "ip6.arpa" : "in-addr.arpa").toString();
  }
}
