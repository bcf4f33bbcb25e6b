package dev.tlswaiver.guard;

import dev.tlswaiver.peer.IpAddress;
import java.time.Instant;
import java.util.Arrays;

/**
 * How many unknown IPv6 addresses of one network are taken into a memory within a day. Whoever has
 * one /48 has 65 536 addresses to come from, as we count them, and most who have a /48 can have the
 * /32 around it; an IPv4 address is worth more than that. Used by one thread.
 *
 * <p>Counted by a keyed number of the network, in so many places that two networks seldom share
 * one, and never because somebody wishes it.
 */
final class Newcomers {
  static final int SITE_LENGTH = 48;
  private static final int PROVIDER_LENGTH = 32;

  /** More machines than a mail system adds in a day. */
  static final int MOST_OF_A_SITE = 16;

  /** More new senders than the largest hoster brings us in a day; all month long one in 25. */
  private static final int MOST_OF_A_PROVIDER = 512;

  private static final int PLACES = 1 << 15;

  private final KeyedHash hash;
  private final short[] ofSites = new short[PLACES];
  private final short[] ofProviders = new short[PLACES];
  private long day = Long.MIN_VALUE;

  Newcomers(KeyedHash hash) {
    this.hash = hash;
  }

  /** Whether there is a place for one more. */
  boolean take(IpAddress address, Instant at) {
    if (!address.isIpv6()) {
      return true;
    }
    long today = at.getEpochSecond() / 86_400;
    if (today > day) {
      Arrays.fill(ofSites, (short) 0);
      Arrays.fill(ofProviders, (short) 0);
      day = today;
    }
    int site = place(address, SITE_LENGTH);
    int provider = place(address, PROVIDER_LENGTH);
    if (ofSites[site] >= MOST_OF_A_SITE || ofProviders[provider] >= MOST_OF_A_PROVIDER) {
      return false;
    }
    ofSites[site]++;
    ofProviders[provider]++;
    return true;
  }

  private int place(IpAddress address, int length) {
    return (int) hash.number(address.network(length).toString()) & (PLACES - 1);
  }
}
