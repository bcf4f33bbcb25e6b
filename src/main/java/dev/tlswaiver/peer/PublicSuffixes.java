package dev.tlswaiver.peer;

import java.net.IDN;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The public suffix list, as described at publicsuffix.org: which names stand directly above
 * registrable domains. Both the ICANN and the private part count, so that two customers of one
 * hoster are two.
 */
public final class PublicSuffixes {
  private enum Kind {
    NORMAL,
    WILDCARD,
    EXCEPTION
  }

  private final Map<String, Kind> rules = new HashMap<>();

  /** Reads the list's lines: a rule each, {@code //} comments and blank lines between. */
  public PublicSuffixes(Iterable<String> lines) {
    for (String line : lines) {
      String rule = line.strip();
      if (rule.isEmpty() || rule.startsWith("//")) {
        continue;
      }
      if (rule.startsWith("!")) {
        rules.put(inDns(rule.substring(1)), Kind.EXCEPTION);
      } else if (rule.startsWith("*.")) {
        rules.put(inDns(rule.substring(2)), Kind.WILDCARD);
      } else {
        rules.putIfAbsent(inDns(rule), Kind.NORMAL);
      }
    }
  }

  /** As DNS has it, and so the log: the list is written in the letters of its languages. */
  private static String inDns(String rule) {
    if (rule.chars().allMatch(letter -> letter < 128)) {
      return rule; // As nearly all: ten thousand of them are read at each start.
    }
    try {
      return IDN.toASCII(rule, IDN.ALLOW_UNASSIGNED);
    } catch (IllegalArgumentException noName) {
      return rule; // It matches nothing.
    }
  }

  /**
   * The public suffix and one label more: {@code google.com} for {@code mail-lf1-f44.google.com}.
   * Empty for a name that is itself a public suffix, and for one label.
   */
  public Optional<HostName> registrableDomain(HostName name) {
    String[] labels = name.text().split("\\.");
    int suffix = suffixLabels(labels);
    if (labels.length <= suffix) {
      return Optional.empty();
    }
    return Optional.of(new HostName(last(labels, suffix + 1)));
  }

  /** How many labels the longest matching suffix has; an unlisted top-level domain is one. */
  private int suffixLabels(String[] labels) {
    int longest = 1;
    for (int count = 1; count <= labels.length; count++) {
      Kind kind = rules.get(last(labels, count));
      if (kind == Kind.EXCEPTION) {
        return count - 1;
      }
      if (kind == Kind.NORMAL) {
        longest = Math.max(longest, count);
      }
      if (kind == Kind.WILDCARD) {
        longest = Math.max(longest, Math.min(count + 1, labels.length));
      }
    }
    return longest;
  }

  private static String last(String[] labels, int count) {
    return String.join(
        ".", java.util.Arrays.asList(labels).subList(labels.length - count, labels.length));
  }
}
