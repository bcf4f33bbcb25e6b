package dev.tlswaiver.waiver;

import dev.tlswaiver.handshake.ClientHello;

/**
 * What a peer offers, and what that means on this host.
 *
 * @param admittedBy the lowest rung that admits it, enabled or not; {@code diagnose}, whose terms
 *     are the strict ones, where nothing needs to be relaxed
 * @param words the same in sentences for a person
 */
public record Diagnosis(ClientHello hello, Rung admittedBy, String words) {

  /**
   * What both together mean. A hello that was seen forbids every rung above the lowest that admits
   * it, whatever weaker one comes later: anybody on the way can send that. Of a version alone less
   * is known than of a whole hello.
   */
  Diagnosis and(Diagnosis later) {
    if (hello.hasSuites() != later.hello.hasSuites()) {
      return hello.hasSuites() ? this : later;
    }
    return later.admittedBy.compareTo(admittedBy) <= 0 ? later : this;
  }
}
