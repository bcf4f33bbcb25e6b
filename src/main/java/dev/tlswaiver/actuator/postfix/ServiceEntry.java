package dev.tlswaiver.actuator.postfix;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One service entry of master.cf, taken apart as master(5) says.
 *
 * @param name {@code smtp}, {@code 192.0.2.25:smtp}
 * @param arguments each as it stands there: {@code -o}, {@code name=value}, {@code { name = value
 *     }}
 */
public record ServiceEntry(
    String name,
    String type,
    String chroot,
    String processLimit,
    String command,
    List<String> arguments) {
  public ServiceEntry {
    arguments = List.copyOf(arguments);
  }

  /** The entry that the logical line holds, or empty. */
  static Optional<ServiceEntry> find(String logicalLine) {
    List<String> words = words(logicalLine);
    return words.size() < 8
        ? Optional.empty()
        : Optional.of(
            new ServiceEntry(
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
      depth += c == '{' ? 1 : c == '}' ? -1 : 0;
      if (isBlank && depth <= 0) {
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

  /** The value of an override, the last one given; empty where there is none. */
  public Optional<String> override(String parameter) {
    return Optional.ofNullable(overrides(arguments).get(parameter));
  }

  /** The overrides among the arguments of a service, the last one given of each parameter. */
  static Map<String, String> overrides(List<String> arguments) {
    Map<String, String> overrides = new LinkedHashMap<>();
    for (int i = 0; i + 1 < arguments.size(); i++) {
      if (arguments.get(i).equals("-o")) {
        String[] pair = bare(arguments.get(i + 1)).split("=", 2);
        if (pair.length == 2) {
          overrides.put(pair[0].strip(), pair[1].strip());
        }
      }
    }
    return overrides;
  }

  /** The argument as master(8) passes it on: without the braces around it. */
  static String bare(String argument) {
    return argument.startsWith("{") && argument.endsWith("}")
        ? argument.substring(1, argument.length() - 1).strip()
        : argument;
  }
}
