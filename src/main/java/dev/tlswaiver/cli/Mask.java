package dev.tlswaiver.cli;

import dev.tlswaiver.peer.HostName;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.PublicSuffixes;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Puts another text in the place of each address, host name, mail address and secret: the same one
 * for the same, so that a reader still sees who is who.
 *
 * <p>Addresses become ones that are kept for documentation (RFC 5737, RFC 3849), and when those are
 * used up, for benchmarks (RFC 2544); names become names below {@code example} (RFC 2606). In doubt
 * a word is masked: a file name that looks like a host costs a reader a question, a host that looks
 * like a file name costs somebody more.
 */
final class Mask {
  /** What ends the names of files and no domain. */
  static final Set<String> FILE_SUFFIXES =
      Set.of(
          "pem", "key", "crt", "db", "lmdb", "cdb", "sock", "socket", "yaml", "yml", "log", "c",
          "h", "conf", "txt", "json", "gz", "service", "timer", "jar");

  private static final Set<String> FILES = Set.of("main.cf", "master.cf", "dynamicmaps.cf");
  private static final String MASKED = "(masked)";

  private static final Pattern SECRET =
      Pattern.compile("(?im)^(\\s*[^=\\n]*(?:passw|secret|_pw\\b|token)[^=\\n]*=[ \\t]*)\\S.*$");
  private static final Pattern FREE_TEXT =
      Pattern.compile(
          "(?m)^(\\s*(?:-o\\s+)?(?:smtpd_banner|mail_name|\\w*_footer)\\s*=\\s*)\\S.*$");
  private static final Pattern STATIC =
      Pattern.compile("\\b((?:static|inline):)(?:\\{[^}]*\\}*|\\S+)");
  private static final Pattern CERTIFICATE =
      Pattern.compile(
          "(?i)\\b(subject_CN|issuer_CN|subject|issuer|fingerprint|pkey_fingerprint)=[^,\\n\"]*");
  private static final Pattern MESSAGE_ID = Pattern.compile("(?i)(message-id=)\\S+");
  private static final Pattern USER =
      Pattern.compile("((?:sasl_(?:username|sender|authzid)=|/home/))([^,/\\s\"]+)");
  private static final Pattern BRACKETED =
      Pattern.compile("\\b((?:helo|from|to|orig_to)=<)([^>\\n]*)>");

  private static final String WORD = "[\\p{L}\\p{N}_-]+";
  private static final Pattern TOKEN =
      Pattern.compile(
          "(?<mail>(?:\"[^\"\\n]*\"|[^\\s<>@\"',;:()\\[\\]=|]+)@(?<at>\\[[^\\]\\s]*\\]|[\\p{L}\\p{N}._-]+))"
              + "|(?<six>[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f.]*)"
              + "|(?<word>"
              + WORD
              + "(?:\\."
              + WORD
              + ")*)");
  private static final Pattern DOTTED = Pattern.compile("[0-9]{1,3}(?:\\.[0-9]{1,3}){3}");

  private final PublicSuffixes suffixes;
  private final Map<String, String> words = new HashMap<>();
  private final Map<String, String> domains = new HashMap<>();
  private final Map<String, String> hosts = new HashMap<>();
  private final Map<String, String> mailboxes = new HashMap<>();
  private final Map<String, String> users = new HashMap<>();
  private final Map<String, String> four = new HashMap<>();
  private final Map<String, String> six = new HashMap<>();

  Mask(PublicSuffixes suffixes) {
    this.suffixes = suffixes;
  }

  /** A name without a dot that stands for a host from now on, wherever it is a word. */
  void learn(String name) {
    String word = name.toLowerCase(Locale.ROOT);
    if (!word.contains(".") && !word.contains(":") && !word.equals("localhost")) {
      next(words, word, number -> "host" + number);
    }
  }

  /** How many different names and addresses it has replaced. */
  int size() {
    return words.size() + hosts.size() + mailboxes.size() + users.size() + four.size() + six.size();
  }

  String apply(String text) {
    String masked = SECRET.matcher(text).replaceAll("$1" + MASKED);
    masked = FREE_TEXT.matcher(masked).replaceAll("$1" + MASKED);
    masked = STATIC.matcher(masked).replaceAll("$1" + MASKED);
    masked = CERTIFICATE.matcher(masked).replaceAll("$1=" + MASKED);
    masked = MESSAGE_ID.matcher(masked).replaceAll("$1" + MASKED);
    masked = replace(USER, masked, found -> found.group(1) + user(found.group(2)));
    masked = replace(BRACKETED, masked, this::bracketed);
    Matcher matcher = TOKEN.matcher(masked);
    StringBuilder result = new StringBuilder();
    while (matcher.find()) {
      matcher.appendReplacement(result, Matcher.quoteReplacement(token(matcher, masked)));
    }
    return matcher.appendTail(result).toString();
  }

  private static String replace(
      Pattern pattern, String text, Function<MatchResult, String> replacement) {
    return pattern
        .matcher(text)
        .replaceAll(found -> Matcher.quoteReplacement(replacement.apply(found)));
  }

  /** What a client said of itself may be any word. */
  private String bracketed(MatchResult found) {
    String said = found.group(2);
    boolean isSeen = said.contains("@") || said.contains(".") || said.contains(":");
    return found.group(1) + (said.isEmpty() || isSeen ? said : user(said)) + ">";
  }

  private String token(Matcher matcher, String text) {
    if (matcher.group("mail") != null) {
      return mailbox(matcher.group("mail"), matcher.group("at"));
    }
    if (matcher.group("six") != null) {
      return colons(
          matcher.group("six"), matcher.start() > 0 ? text.charAt(matcher.start() - 1) : ' ');
    }
    return word(matcher.group("word"));
  }

  private String mailbox(String whole, String at) {
    String domain = at.startsWith("[") ? apply(at) : dotted(at);
    return next(
        mailboxes, whole.toLowerCase(Locale.ROOT), number -> "user" + number + "@" + domain);
  }

  private String user(String name) {
    return next(users, name.toLowerCase(Locale.ROOT), number -> "name" + number);
  }

  /** A word, a host name, a file's name, a version, or an address. */
  private String word(String text) {
    return text.contains(".")
        ? dotted(text)
        : words.getOrDefault(text.toLowerCase(Locale.ROOT), text);
  }

  private String dotted(String text) {
    String end = text.endsWith(".") ? "." : "";
    String name = text.substring(0, text.length() - end.length());
    int dot = name.lastIndexOf('.');
    if (dot < 0) {
      return next(words, name.toLowerCase(Locale.ROOT), number -> "host" + number) + end;
    }
    String last = name.substring(dot + 1).toLowerCase(Locale.ROOT);
    if (FILES.contains(name) || isKept(name)) {
      return text;
    }
    if (FILE_SUFFIXES.contains(last)) {
      return word(name.substring(0, dot)) + name.substring(dot) + end;
    }
    if (DOTTED.matcher(name).matches()) {
      return IpAddress.find(name).map(this::address).orElse(name) + end;
    }
    boolean isVersion = last.length() < 2 || Character.isDigit(last.charAt(0));
    return isVersion ? text : host(name.toLowerCase(Locale.ROOT)) + end;
  }

  private static boolean isKept(String name) {
    return name.startsWith("127.") || name.equals("0.0.0.0");
  }

  private String host(String name) {
    String domain =
        HostName.find(name).flatMap(suffixes::registrableDomain).map(HostName::text).orElse(name);
    String masked = next(domains, domain, number -> "domain" + number + ".example");
    return domain.equals(name)
        ? next(hosts, name, number -> masked)
        : next(hosts, name, number -> "host" + number + "." + masked);
  }

  /** Times and words have colons too; an address may stand behind IPv6: or before a port. */
  private String colons(String text, char before) {
    int from = 0;
    if (Character.isLetterOrDigit(before) || before == '_') {
      from = text.indexOf(':') + 1;
    }
    for (int start = from;
        start >= 0 && start < text.length();
        start = text.indexOf(':', start) + 1) {
      for (int end = text.length(); end > start + 1; end--) {
        Optional<IpAddress> address = address(text, start, end);
        if (address.isPresent()) {
          return apply(text.substring(0, start)) + address(address.get()) + text.substring(end);
        }
      }
      if (text.indexOf(':', start) < 0) {
        break;
      }
    }
    return replace(DOTTED, text, found -> dotted(found.group()));
  }

  private static Optional<IpAddress> address(String text, int start, int end) {
    String part = text.substring(start, end);
    boolean isLikely = part.chars().filter(here -> here == ':').count() >= 2;
    return isLikely ? IpAddress.find(part) : Optional.empty();
  }

  private String address(IpAddress address) {
    String text = address.toString();
    if (text.equals("::") || text.equals("::1") || isKept(text)) {
      return text;
    }
    return address.isIpv6()
        ? next(six, text, number -> "2001:db8::" + Integer.toHexString(number))
        : next(four, text, Mask::documentation);
  }

  private static String documentation(int number) {
    String[] networks = {"192.0.2.", "198.51.100.", "203.0.113."};
    int network = (number - 1) / 254;
    if (network < networks.length) {
      return networks[network] + ((number - 1) % 254 + 1);
    }
    int rest = number - 3 * 254;
    return "198." + (18 + (rest >> 16 & 1)) + "." + (rest >> 8 & 255) + "." + (rest & 255);
  }

  private static String next(
      Map<String, String> known, String text, Function<Integer, String> made) {
    String mask = known.get(text);
    if (mask == null) {
      mask = made.apply(known.size() + 1);
      known.put(text, mask);
    }
    return mask;
  }
}
