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

  /** Whether it is this release or a later one. */
  public boolean isAtLeast(int otherMajor, int otherMinor) {
    return major > otherMajor || (major == otherMajor && minor >= otherMinor);
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
