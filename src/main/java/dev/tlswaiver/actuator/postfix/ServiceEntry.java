package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.actuator.HostException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One service entry of master.cf, taken apart as master(5) says.
 *
 * @param line the number of its first line
 * @param name {@code smtp}, {@code 192.0.2.25:smtp}
 * @param arguments each as it stands there: {@code -o}, {@code name=value}, {@code { name = value
 *     }}
 */
public record ServiceEntry(
    int line,
    String name,
    String type,
    String chroot,
    String processLimit,
    String command,
    List<String> arguments) {
  /** The port that services(5) calls smtp. */
  static final int SMTP = 25;

  public ServiceEntry {
    arguments = List.copyOf(arguments);
  }

  /** The entry that the logical line holds, or empty. */
  static Optional<ServiceEntry> find(int line, String logicalLine) {
    List<String> words = words(logicalLine);
    return words.size() < 8
        ? Optional.empty()
        : Optional.of(
            new ServiceEntry(
                line,
                words.get(0),
                words.get(1),
                words.get(4),
                words.get(6),
                words.get(7),
                words.subList(8, words.size())));
  }

  /** Words at blanks; what stands in braces is one word. */
  private static List<String> words(String line) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    int depth = 0;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      boolean isBlank = Character.isWhitespace(c);
      depth = c == '{' ? depth + 1 : c == '}' && depth > 0 ? depth - 1 : depth;
      if (isBlank && depth == 0) {
        if (!word.isEmpty()) {
          words.add(word.toString());
          word.setLength(0);
        }
      } else {
        word.append(isBlank ? ' ' : c);
      }
    }
    if (!word.isEmpty()) {
      words.add(word.toString());
    }
    return words;
  }

  /** The port's name or number. */
  public String port() {
    return name.substring(name.lastIndexOf(':') + 1);
  }

  /**
   * The port's number.
   *
   * @throws HostException if it has a name that is not known here
   */
  int portNumber() throws HostException {
    if (port().equals("smtp")) {
      return SMTP;
    }
    try {
      return Integer.parseInt(port());
    } catch (NumberFormatException name) {
      throw new HostException("master.cf: the port '" + port() + "' is not a number", name);
    }
  }

  /** The address it listens on; empty for all that inet_interfaces names. */
  Optional<String> host() {
    int colon = name.lastIndexOf(':');
    return colon < 0
        ? Optional.empty()
        : Optional.of(name.substring(0, colon).replace("[", "").replace("]", ""));
  }

  /** The overrides, the last one given of each parameter. */
  public Map<String, String> overrides() {
    return overrides(arguments);
  }

  /** Whether nobody outside of this host reaches it. */
  boolean isLoopback() {
    return host()
        .filter(host -> host.startsWith("127.") || host.equals("::1") || host.equals("localhost"))
        .isPresent();
  }

  /** The value of an override, the last one given; empty where there is none. */
  public Optional<String> override(String parameter) {
    return Optional.ofNullable(overrides(arguments).get(parameter));
  }

  /** The overrides among the arguments of a service, the last one given of each parameter. */
  static Map<String, String> overrides(List<String> arguments) {
    Map<String, String> overrides = new LinkedHashMap<>();
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      if (argument.equals("-o") && i + 1 < arguments.size()) {
        put(overrides, bare(arguments.get(++i)));
      } else if (argument.startsWith("-o")) {
        put(overrides, argument.substring(2));
      }
    }
    return overrides;
  }

  private static void put(Map<String, String> overrides, String pair) {
    int equals = pair.indexOf('=');
    if (equals > 0) {
      overrides.put(pair.substring(0, equals).strip(), pair.substring(equals + 1).strip());
    }
  }

  /** An entry as it is written: each override on a line of its own. */
  static String text(
      String beginning,
      String chroot,
      String processLimit,
      String command,
      List<String> arguments) {
    StringBuilder text = new StringBuilder();
    text.append(beginning)
        .append(' ')
        .append(chroot)
        .append(" - ")
        .append(processLimit)
        .append(' ')
        .append(command)
        .append('\n');
    for (int i = 0; i < arguments.size(); i++) {
      text.append("  ").append(arguments.get(i));
      if (arguments.get(i).equals("-o") && i + 1 < arguments.size()) {
        text.append(' ').append(arguments.get(++i));
      }
      text.append('\n');
    }
    return text.toString();
  }

  /** The argument as master(8) passes it on: without the braces around it. */
  static String bare(String argument) {
    return argument.startsWith("{") && argument.endsWith("}")
        ? argument.substring(1, argument.length() - 1).strip()
        : argument;
  }
}
