package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.actuator.HostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Who is let in on a relaxed listener, and what is asked of whoever is: all that the public service
 * asks, and nothing more.
 *
 * <pre>
 * smtpd_restriction_classes = (the operator's), tlswaiver_waived
 * tlswaiver_waived          = (the operator's smtpd_client_restrictions), permit
 * smtpd_client_restrictions = check_client_access hash:..., defer
 * </pre>
 *
 * <p>The access map names the class, which stands for the list that ours takes the place of. Every
 * other list, smtpd_relay_restrictions above all, is the public service's own: nothing of ours can
 * open a relay, nor close one, and what the operator changes there needs no word to us. Before
 * Postfix 2.10, which has no relay restrictions, this is no different.
 *
 * <p>The list is copied as it expands for the public service. A reference would lead into the class
 * itself, and one in another list to our own: where there is one, that list is copied too.
 *
 * @param overrides {@code name=value}, without blanks but in braces
 */
record Restrictions(List<String> overrides) {
  /** What the access map says of the waived. */
  static final String CLASS = "tlswaiver_waived";

  /** For who only asks about TLS. */
  static final Restrictions NONE = new Restrictions(List.of());

  private static final String CLASSES = "smtpd_restriction_classes";
  private static final String OURS = "smtpd_client_restrictions";

  private static final List<String> OTHERS =
      List.of(
          "smtpd_helo_restrictions",
          "smtpd_sender_restrictions",
          "smtpd_relay_restrictions",
          "smtpd_recipient_restrictions",
          "smtpd_data_restrictions",
          "smtpd_end_of_data_restrictions",
          "smtpd_etrn_restrictions");

  Restrictions {
    overrides = List.copyOf(overrides);
  }

  /** What the operator asks, as the public service sees it. */
  record Asked(String classes, String client, Map<String, String> copied) {
    /**
     * Reads it.
     *
     * @throws HostException if a list can't be written into master.cf
     */
    static Asked read(MainFile main, ServiceEntry smtpd) throws HostException {
      String classes =
          list(main.values(smtpd, Map.of(), List.of(CLASSES)).getOrDefault(CLASSES, ""));
      List<String> names = new ArrayList<>(OTHERS);
      names.add(OURS);
      names.addAll(words(classes));
      Map<String, String> asked = main.values(smtpd, Map.of(), names);
      Map<String, String> copied = new HashMap<>();
      Map<String, String> marks = main.values(smtpd, Map.of(OURS, CLASS), names);
      marks.remove(OURS);
      for (Map.Entry<String, String> marked : marks.entrySet()) {
        if (words(list(marked.getValue())).contains(CLASS)) {
          copied.put(marked.getKey(), list(asked.getOrDefault(marked.getKey(), "")));
        }
      }
      return new Asked(classes, list(asked.getOrDefault(OURS, "")), copied);
    }
  }

  /**
   * Those of one rung.
   *
   * @param lookups the tables that admit, as {@code type:name}
   */
  static Restrictions of(Asked asked, List<String> lookups) {
    List<String> overrides = new ArrayList<>();
    overrides.add(CLASSES + "=" + joined(asked.classes(), CLASS));
    overrides.add(CLASS + "=" + joined(asked.client(), "permit"));
    asked.copied().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(entry -> overrides.add(entry.getKey() + "=" + entry.getValue()));
    overrides.add(
        OURS
            + "="
            + lookups.stream()
                .map(lookup -> "check_client_access," + lookup)
                .collect(Collectors.joining(","))
            + ",defer");
    return new Restrictions(overrides);
  }

  private static String joined(String list, String last) {
    return list.isEmpty() ? last : list + "," + last;
  }

  private static List<String> words(String list) {
    return Stream.of(list.split(",")).filter(word -> !word.isEmpty()).toList();
  }

  /**
   * A list as one word of master.cf: with commas where blanks stood, except in braces, and without
   * references.
   */
  static String list(String value) throws HostException {
    StringBuilder list = new StringBuilder();
    int depth = 0;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      depth += c == '{' ? 1 : c == '}' ? -1 : 0;
      boolean isBlank = Character.isWhitespace(c);
      if (depth < 0) {
        break;
      }
      if (depth > 0 || !(isBlank || c == ',')) {
        // What is left of a dollar sign after expansion was two.
        list.append(c == '$' ? "$$" : isBlank ? " " : String.valueOf(c));
      } else if (!list.isEmpty() && list.charAt(list.length() - 1) != ',') {
        list.append(',');
      }
    }
    if (depth != 0) {
      // master(8) would die of it.
      throw new HostException("a restriction list has unbalanced braces: " + value);
    }
    return list.toString().replaceFirst(",$", "");
  }
}
