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
  private static final int NONE = -1;
  private static final String MASKED = "(masked)";

  private static final Pattern PASSWORD_END = Pattern.compile("_pw\\b");
  private static final Pattern STATIC =
      Pattern.compile("\\b((?:static|inline):)(?:\\{[^}]*\\}*|\\S+)");
  private static final Pattern CERTIFICATE =
      Pattern.compile(
          "(?i)\\b(subject_CN|issuer_CN|subject|issuer|fingerprint|pkey_fingerprint)=[^,\\n\"]*");
  private static final Pattern MESSAGE_ID = Pattern.compile("(?i)(message-id=)\\S+");
  private static final Pattern USER =
      Pattern.compile("((?:sasl_(?:username|sender|authzid)=|/home/))([^,/\\s\"]+)");
  private static final Pattern BRACKETED =
      Pattern.compile("\\b((?:helo|from|to|orig_to)=<)([^>\\n]*)(>?)");

  private static final Pattern DOTTED = Pattern.compile("[0-9]{1,3}(?:\\.[0-9]{1,3}){3}");

  /** Eight groups, or six and an IPv4 address. */
  private static final int LONGEST_ADDRESS = 45;

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
    String masked = settings(text);
    masked = STATIC.matcher(masked).replaceAll("$1" + MASKED);
    masked = CERTIFICATE.matcher(masked).replaceAll("$1=" + MASKED);
    masked = MESSAGE_ID.matcher(masked).replaceAll("$1" + MASKED);
    masked = replace(USER, masked, found -> found.group(1) + user(found.group(2)));
    return tokens(replace(BRACKETED, masked, this::bracketed));
  }

  /** What is set to a secret, or to free text, one setting a line. */
  private static String settings(String text) {
    StringBuilder result = new StringBuilder();
    int start = 0;
    while (start < text.length()) {
      int newline = text.indexOf('\n', start);
      int end = newline < 0 ? text.length() : newline;
      String line = text.substring(start, end);
      int equals = line.indexOf('=');
      boolean isMasked =
          equals >= 0
              && !line.substring(equals + 1).isBlank()
              && isSecret(line.substring(0, equals));
      result.append(isMasked ? line.substring(0, equals) + blank(line, equals) + MASKED : line);
      result.append(text, end, Math.min(text.length(), end + 1));
      start = end + 1;
    }
    return result.toString();
  }

  /** The sign, and the blanks behind it. */
  private static String blank(String line, int equals) {
    int at = equals + 1;
    while (line.charAt(at) == ' ' || line.charAt(at) == '\t') {
      at++;
    }
    return line.substring(equals, at);
  }

  private static boolean isSecret(String head) {
    String lower = head.toLowerCase(Locale.ROOT);
    boolean isPassword =
        lower.contains("passw")
            || lower.contains("secret")
            || lower.contains("token")
            || PASSWORD_END.matcher(lower).find();
    String name = head.strip();
    name = name.startsWith("-o ") ? name.substring(3).strip() : name;
    return isPassword
        || name.equals("smtpd_banner")
        || name.equals("mail_name")
        || (name.endsWith("_footer") && name.chars().noneMatch(Character::isWhitespace));
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
    return found.group(1) + (said.isEmpty() || isSeen ? said : user(said)) + found.group(3);
  }

  /**
   * Mail addresses, IPv6 addresses, and words with dots between them, whichever begins first. Each
   * character is looked at a few times, however the text is made: a stranger wrote it.
   */
  private String tokens(String text) {
    Scan scan = new Scan(text);
    StringBuilder result = new StringBuilder();
    int at = 0;
    while (at < text.length()) {
      int mail = scan.mailSign(at);
      int mailEnd = mail < 0 ? NONE : scan.domainEnd(mail + 1);
      int colonsEnd = mailEnd == NONE ? scan.colonsEnd(at) : NONE;
      int end = Math.max(mailEnd, colonsEnd);
      boolean isWord = end == NONE && scan.wordsEnd(at) != NONE;
      end = isWord ? scan.wordsEnd(at) : end == NONE ? at + 1 : end;
      String token = text.substring(at, end);
      if (mailEnd != NONE) {
        result.append(mailbox(token, text.substring(mail + 1, end)));
      } else if (colonsEnd != NONE) {
        result.append(colons(token, at > 0 ? text.charAt(at - 1) : ' '));
      } else {
        result.append(isWord ? word(token) : token);
      }
      at = end;
    }
    return result.toString();
  }

  /** Where tokens end; {@link #NONE} where none begins. */
  private static final class Scan {
    private static final String NOT_IN_MAILBOX = "<>@\"',;:()[]=|";
    private final String text;

    /** Up to here it is known how far a run goes, or that there is no end. */
    private int localEnd;

    private int unclosedEnd;

    Scan(String text) {
      this.text = text;
    }

    private boolean is(int at, char wanted) {
      return at < text.length() && text.charAt(at) == wanted;
    }

    /** The sign of a mail address that begins here. */
    int mailSign(int start) {
      if (is(start, '"')) {
        int end = start + 1;
        while (end < text.length() && text.charAt(end) != '"' && text.charAt(end) != '\n') {
          end++;
        }
        return is(end, '"') && is(end + 1, '@') ? end + 1 : NONE;
      }
      if (localEnd <= start) {
        localEnd = start;
        while (localEnd < text.length() && isLocal(text.charAt(localEnd))) {
          localEnd++;
        }
      }
      return localEnd > start && is(localEnd, '@') ? localEnd : NONE;
    }

    private static boolean isLocal(char here) {
      return !Character.isWhitespace(here) && NOT_IN_MAILBOX.indexOf(here) < 0;
    }

    /** The end of a mail address's domain, or of an address in brackets. */
    int domainEnd(int start) {
      int end = start;
      if (is(start, '[')) {
        if (start < unclosedEnd) {
          return NONE;
        }
        end++;
        while (end < text.length()
            && "[]".indexOf(text.charAt(end)) < 0
            && !Character.isWhitespace(text.charAt(end))) {
          end++;
        }
        if (is(end, ']')) {
          return end + 1;
        }
        unclosedEnd = end;
        return NONE;
      }
      while (end < text.length() && (isWord(text.charAt(end)) || text.charAt(end) == '.')) {
        end++;
      }
      return end > start ? end : NONE;
    }

    /** The end of hexadecimal digits with two colons or more. */
    int colonsEnd(int start) {
      int colon = start;
      while (colon < text.length() && isHexadecimal(text.charAt(colon))) {
        colon++;
      }
      if (!is(colon, ':')) {
        return NONE;
      }
      int end = colon + 1;
      int colons = 1;
      while (end < text.length()
          && (isHexadecimal(text.charAt(end)) || ":.".indexOf(text.charAt(end)) >= 0)) {
        colons += text.charAt(end) == ':' ? 1 : 0;
        end++;
      }
      return colons > 1 ? end : NONE;
    }

    private static boolean isHexadecimal(char here) {
      return here < 128 && Character.digit(here, 16) >= 0;
    }

    /** The end of words with single dots between them. */
    int wordsEnd(int start) {
      int end = start;
      while (end < text.length()
          && (isWord(text.charAt(end))
              || (end > start
                  && text.charAt(end) == '.'
                  && end + 1 < text.length()
                  && isWord(text.charAt(end + 1))))) {
        end++;
      }
      return end > start ? end : NONE;
    }

    /** Halves of characters beyond the basic plane count as letters. */
    private static boolean isWord(char here) {
      return Character.isLetterOrDigit(here)
          || Character.getType(here) == Character.LETTER_NUMBER
          || Character.getType(here) == Character.OTHER_NUMBER
          || Character.isSurrogate(here)
          || here == '_'
          || here == '-';
    }
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
      // More of them than a file has: a loop, and not a call for each.
      int first = dot;
      int before = name.lastIndexOf('.', dot - 1);
      while (before >= 0
          && FILE_SUFFIXES.contains(name.substring(before + 1, first).toLowerCase(Locale.ROOT))) {
        first = before;
        before = name.lastIndexOf('.', first - 1);
      }
      return word(name.substring(0, first)) + name.substring(first) + end;
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
    StringBuilder result = new StringBuilder();
    boolean isBehindWord = Character.isLetterOrDigit(before) || before == '_';
    int at = 0;
    while (at < text.length()) {
      Optional<IpAddress> address = Optional.empty();
      int end = isBehindWord && at == 0 ? 0 : Math.min(text.length(), at + LONGEST_ADDRESS);
      while (address.isEmpty() && end > at + 1) {
        address = address(text, at, end);
        end -= address.isEmpty() ? 1 : 0;
      }
      if (address.isPresent()) {
        result.append(address(address.get()));
        at = end;
      }
      int colon = text.indexOf(':', at);
      int next = colon < 0 ? text.length() : colon + 1;
      String rest = text.substring(at, next);
      result.append(replace(DOTTED, rest, found -> dotted(found.group())));
      at = next;
    }
    return result.toString();
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
