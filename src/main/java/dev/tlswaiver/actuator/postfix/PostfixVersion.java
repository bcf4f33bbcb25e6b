package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.actuator.HostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A release of Postfix, as far as it matters here. */
public record PostfixVersion(int major, int minor) {
  private static final Pattern FORM = Pattern.compile("([0-9]+)\\.([0-9]+).*");

  static PostfixVersion parse(String text) throws HostException {
    Matcher matcher = FORM.matcher(text.strip());
    if (!matcher.matches()) {
      throw new HostException("not a Postfix version: " + text);
    }
    return new PostfixVersion(
        Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
  }

  /** What came with a release, and what tlswaiver makes of it. */
  enum Feature {
    /** smtpd_relay_restrictions, postconf -x and -o: without these nothing can be done. */
    RELAY_RESTRICTIONS(2, 10),
    /** smtpd_tls_chain_files and tls_server_sni_maps. */
    CHAIN_FILES(3, 4),
    /** Bounds in a protocol list: {@code >=TLSv1}. */
    PROTOCOL_BOUNDS(3, 6),
    /** The grades export and low are other words for medium. */
    NO_WEAK_GRADES(3, 8);

    private final int major;
    private final int minor;

    Feature(int major, int minor) {
      this.major = major;
      this.minor = minor;
    }

    /** The first release that has it. */
    PostfixVersion since() {
      return new PostfixVersion(major, minor);
    }
  }

  boolean has(Feature feature) {
    return isAtLeast(feature.major, feature.minor);
  }

  public boolean isAtLeast(int otherMajor, int otherMinor) {
    return major > otherMajor || (major == otherMajor && minor >= otherMinor);
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
