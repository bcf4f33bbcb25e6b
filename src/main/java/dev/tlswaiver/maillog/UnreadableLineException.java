package dev.tlswaiver.maillog;

import java.util.Arrays;
import java.util.function.Supplier;

/**
 * A line that could not be read, whatever went wrong: it costs itself, and reading goes on behind
 * it. Only what no line can be blamed for is left to rise: the machine is out of memory, or broken.
 */
public final class UnreadableLineException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final String OURS = "dev.tlswaiver.";

  private final String kind;

  private UnreadableLineException(Throwable cause) {
    super(kind(cause), cause);
    this.kind = kind(cause);
  }

  /**
   * Does what depends on a line's text alone.
   *
   * @throws UnreadableLineException in place of whatever was thrown
   */
  public static <T> T reading(Supplier<T> work) {
    try {
      return work.get();
    } catch (Throwable failure) {
      throw of(failure);
    }
  }

  /** The same for work without a result. */
  public static void reading(Runnable work) {
    try {
      work.run();
    } catch (Throwable failure) {
      throw of(failure);
    }
  }

  private static UnreadableLineException of(Throwable failure) {
    if (failure instanceof UnreadableLineException known) {
      return known;
    }
    if (failure instanceof VirtualMachineError broken && !(failure instanceof StackOverflowError)) {
      throw broken;
    }
    return new UnreadableLineException(failure);
  }

  /**
   * What was thrown and the place in our code that it came from, like {@code StackOverflowError in
   * Sentences#rare}: no word of the line, so that there are few, and nothing with a dot, so that
   * none is masked as the name of a host.
   */
  public String kind() {
    return kind;
  }

  private static String kind(Throwable cause) {
    StackTraceElement[] trace = cause.getStackTrace();
    String place =
        Arrays.stream(trace)
            .filter(frame -> frame.getClassName().startsWith(OURS))
            .filter(frame -> !frame.getClassName().equals(UnreadableLineException.class.getName()))
            .findFirst()
            // The trace of a deep recursion does not reach down to us.
            .or(() -> Arrays.stream(trace).findFirst())
            .map(frame -> simple(frame.getClassName()) + "#" + method(frame.getMethodName()))
            .orElse("an unknown place");
    return cause.getClass().getSimpleName() + " in " + place;
  }

  /** The one that a lambda stands in. */
  private static String method(String name) {
    int start = name.indexOf('$') + 1;
    return name.startsWith("lambda$") ? name.substring(start, name.indexOf('$', start)) : name;
  }

  private static String simple(String className) {
    return className.substring(className.lastIndexOf('.') + 1);
  }
}
