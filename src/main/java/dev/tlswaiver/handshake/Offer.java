package dev.tlswaiver.handshake;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a listener accepts: its protocol versions and cipher suites, by number. With a peer's {@link
 * ClientHello} it tells by calculation what would become of a handshake.
 *
 * <p>It is a calculation about versions, suites, certificate and groups. A peer whose stack is
 * broken fails all the same.
 *
 * @param versions those enabled: 0x0301 for TLS 1.0
 * @param suites those enabled
 * @param groups those enabled (RFC 8446, 4.2.7)
 */
public record Offer(NavigableSet<Integer> versions, Set<Integer> suites, Set<Integer> groups) {
  /** The groups that every OpenSSL since 1.1.0 has, and enables where nobody names others. */
  public static final Set<Integer> GROUPS = Set.of(23, 24, 25, 29);

  private static final int TLS_1_2 = 0x0303;

  /** What becomes of a handshake. */
  public sealed interface Answer {}

  /**
   * Both sides agree.
   *
   * @param suites those that may be chosen, in the peer's order, with OpenSSL's names
   */
  public record Agreed(int version, List<String> suites) implements Answer {
    public Agreed {
      suites = List.copyOf(suites);
    }
  }

  /** No version in common. */
  public record NoCommonVersion() implements Answer {}

  /** A version in common, and no suite that can be used with it. */
  public record NoCommonSuite(int version) implements Answer {}

  /** A version in common with which groups are needed, suites, and none of the peer's groups. */
  public record NoCommonGroup(int version) implements Answer {}

  /** A version in common, and the log does not show the peer's suites. */
  public record SuitesUnknown(int version) implements Answer {}

  /** The peer says that it could do better (RFC 7507), and so could we. */
  public record Fallback() implements Answer {}

  public Offer {
    versions = java.util.Collections.unmodifiableNavigableSet(new TreeSet<>(versions));
    suites = Set.copyOf(suites);
    groups = Set.copyOf(groups);
  }

  /** With the groups that the library has by itself. */
  public Offer(NavigableSet<Integer> versions, Set<Integer> suites) {
    this(versions, suites, GROUPS);
  }

  /** Everything that OpenSSL 3.0 has and that is safe to negotiate at all, with these versions. */
  public static Offer widest(Collection<Integer> versions) {
    return new Offer(new TreeSet<>(versions), CipherSuite.usable());
  }

  /** What would become of a handshake that begins like this. */
  public Answer answer(ClientHello hello) {
    Optional<Integer> version =
        versions.descendingSet().stream().filter(hello::offersVersion).findFirst();
    if (version.isEmpty()) {
      return new NoCommonVersion();
    }
    if (hello.isFallback() && version.get() < versions.last()) {
      return new Fallback();
    }
    if (!hello.hasSuites()) {
      return new SuitesUnknown(version.get());
    }
    List<CipherSuite> common = suites(hello, version.get());
    List<String> usable =
        common.stream().filter(suite -> hasGroupFor(suite, hello)).map(CipherSuite::name).toList();
    if (!usable.isEmpty()) {
      return new Agreed(version.get(), usable);
    }
    return common.isEmpty() ? new NoCommonSuite(version.get()) : new NoCommonGroup(version.get());
  }

  public boolean admits(ClientHello hello) {
    return answer(hello) instanceof Agreed;
  }

  /** Whether nothing that is known of the hello keeps the peer out. */
  public boolean mayAdmit(ClientHello hello) {
    Answer answer = answer(hello);
    return answer instanceof Agreed || answer instanceof SuitesUnknown;
  }

  /** Whether a handshake may end like this here, as Postfix spells it. */
  public boolean mayAgreeOn(String protocol, String cipher) {
    return versions.stream().map(ClientHello::versionName).anyMatch(protocol::equals)
        && suites.stream()
            .flatMap(number -> CipherSuite.find(number).stream())
            .anyMatch(suite -> suite.name().equals(cipher));
  }

  private List<CipherSuite> suites(ClientHello hello, int version) {
    return hello.suites().stream()
        .filter(suites::contains)
        .flatMap(number -> CipherSuite.find(number).stream())
        .filter(suite -> suite.fits(version))
        .toList();
  }

  /**
   * A peer that names no groups would take any (RFC 4492, 4), but OpenSSL since 1.1.1 has then none
   * in common with it.
   */
  private boolean hasGroupFor(CipherSuite suite, ClientHello hello) {
    return !suite.needsGroup() || hello.groups().stream().anyMatch(groups::contains);
  }

  /** Whether it accepts TLS 1.2 at least. */
  public boolean isStrictAboutVersions() {
    return !versions.isEmpty() && versions.first() >= TLS_1_2;
  }

  /** The lowest version, as Postfix spells it; empty where TLS is off. */
  public Optional<String> floor() {
    return versions.stream().min(Comparator.naturalOrder()).map(ClientHello::versionName);
  }
}
