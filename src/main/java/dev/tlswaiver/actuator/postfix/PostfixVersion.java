package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.actuator.HostException;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A release of Postfix, as far as it matters here; a snapshot counts as its release's first. */
public record PostfixVersion(int major, int minor, int patch) {
  private static final Pattern FORM =
      Pattern.compile("([0-9]{1,4})\\.([0-9]{1,4})(?:\\.([0-9]{1,4}))?");

  public PostfixVersion(int major, int minor) {
    this(major, minor, 0);
  }

  /**
   * Of what mail_version holds.
   *
   * @throws HostException if it is no version
   */
  public static PostfixVersion parse(String text) throws HostException {
    Matcher matcher = FORM.matcher(text.strip());
    if (!matcher.lookingAt()) {
      throw new HostException("not a Postfix version: " + text);
    }
    return of(matcher);
  }

  private static PostfixVersion of(MatchResult found) {
    return new PostfixVersion(
        Integer.parseInt(found.group(1)),
        Integer.parseInt(found.group(2)),
        found.group(3) == null ? 0 : Integer.parseInt(found.group(3)));
  }

  /** What came with a release, and what tlswaiver makes of it. */
  enum Feature {
    /** postconf -x and -o: without these nobody can tell what a service would do. */
    POSTCONF_OPTIONS("2.10"),
    /** smtpd_tls_chain_files and tls_server_sni_maps. */
    CHAIN_FILES("3.4"),
    /** The words TLSv1.1 and TLSv1.2 in a protocol list. */
    TLS_1_2_WORDS("2.6.15 2.7.9 2.8.10 2.9.2 2.10"),
    /** The word TLSv1.3 there. */
    TLS_1_3_WORD("3.0.14 3.1.10 3.2.7 3.3.2 3.4"),
    /** smtpd_tls_eecdh_grade=auto: all curves of the library. */
    AUTO_CURVES("3.2"),
    /** Bounds in a protocol list: {@code >=TLSv1}. */
    PROTOCOL_BOUNDS("3.6"),
    /** smtpd_tls_eecdh_grade decides nothing any more. */
    NO_GRADES_OF_CURVES("3.6"),
    /** The grades export and low are other words for medium. */
    NO_WEAK_GRADES("3.8"),
    /** smtpd_tls_loglevel_maps, which has its way before smtpd_tls_loglevel. */
    LOGLEVEL_MAPS("3.12"),
    /**
     * postscreen_tls_*, from which tlsproxy(8) has the terms of who comes through postscreen(8).
     */
    POSTSCREEN_TLS("3.12");

    /** The releases that brought it, of the series before the last one as patches. */
    private final String releases;

    Feature(String releases) {
      this.releases = releases;
    }

    private List<PostfixVersion> first() {
      return FORM.matcher(releases).results().map(PostfixVersion::of).toList();
    }

    /** The first release that has it whatever its patch level. */
    PostfixVersion since() {
      List<PostfixVersion> first = first();
      return first.get(first.size() - 1);
    }
  }

  boolean has(Feature feature) {
    PostfixVersion since = feature.since();
    return isAtLeast(since.major, since.minor)
        || feature.first().stream()
            .anyMatch(
                first -> major == first.major && minor == first.minor && patch >= first.patch);
  }

  public boolean isAtLeast(int otherMajor, int otherMinor) {
    return major > otherMajor || (major == otherMajor && minor >= otherMinor);
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
