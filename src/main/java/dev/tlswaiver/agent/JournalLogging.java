package dev.tlswaiver.agent;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.AbstractLogger;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.helpers.NOPMDCAdapter;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/**
 * Writes log lines to standard error. Under systemd each line bears its level in the form of
 * sd-daemon(3), so that {@code journalctl -p warning} works; elsewhere it begins with the program's
 * name, and a word for warnings and errors.
 *
 * <p>Libraries are heard from warnings up, tlswaiver itself from {@code info} up, or {@code debug}.
 * Warnings that say the same again are held back and counted.
 */
public final class JournalLogging implements SLF4JServiceProvider {
  private static final PrintStream ERR = new PrintStream(System.err, true, StandardCharsets.UTF_8);
  private static final boolean UNDER_SYSTEMD = System.getenv("JOURNAL_STREAM") != null;

  private static final Repeats REPEATS = new Repeats(InstantSource.system());

  private static volatile boolean isDebugging;

  private final IMarkerFactory markers = new BasicMarkerFactory();
  private final MDCAdapter contexts = new NOPMDCAdapter();

  /** From here on tlswaiver's details are told as well, and every repeat. */
  public static void debug() {
    isDebugging = true;
  }

  @Override
  public ILoggerFactory getLoggerFactory() {
    return Line::new;
  }

  @Override
  public IMarkerFactory getMarkerFactory() {
    return markers;
  }

  @Override
  public MDCAdapter getMDCAdapter() {
    return contexts;
  }

  @Override
  public String getRequestedApiVersion() {
    return "2.0.99";
  }

  @Override
  public void initialize() {}

  private static final class Line extends AbstractLogger {
    private static final long serialVersionUID = 1L;

    private final boolean isOurs;

    Line(String name) {
      this.name = name;
      this.isOurs = name.startsWith("dev.tlswaiver");
    }

    @Override
    protected @Nullable String getFullyQualifiedCallerName() {
      return null; // Nobody asks: the caller's place in the source is not printed.
    }

    @Override
    protected void handleNormalizedLoggingCall(
        Level level,
        @Nullable Marker marker,
        @Nullable String pattern,
        Object @Nullable [] arguments,
        @Nullable Throwable throwable) {
      for (String sentence : REPEATS.due()) {
        print(Level.WARN, sentence);
      }
      StringBuilder text = new StringBuilder();
      text.append(MessageFormatter.basicArrayFormat(pattern, arguments));
      if (throwable != null) {
        StringWriter trace = new StringWriter();
        throwable.printStackTrace(new PrintWriter(trace));
        text.append('\n').append(trace.toString().stripTrailing());
      }
      // What happens to a waiver is INFO; alarms and refused reloads are ERROR: told always.
      if (level != Level.WARN || isDebugging || REPEATS.isNews(text.toString())) {
        print(level, text.toString());
      }
    }

    private static void print(Level level, String text) {
      String start = start(level);
      // One write for all lines of one message, so that two threads never mix theirs.
      ERR.print(start + text.replace("\n", "\n" + start) + "\n");
      ERR.flush();
    }

    private static String start(Level level) {
      if (UNDER_SYSTEMD) {
        return "<"
            + Map.of(Level.ERROR, 3, Level.WARN, 4, Level.INFO, 6).getOrDefault(level, 7)
            + ">";
      }
      return switch (level) {
        case ERROR -> "tlswaiver: error: ";
        case WARN -> "tlswaiver: warning: ";
        case INFO, DEBUG, TRACE -> "tlswaiver: ";
      };
    }

    private boolean isLoud(Level level) {
      Level least = !isOurs ? Level.WARN : isDebugging ? Level.DEBUG : Level.INFO;
      return level.toInt() >= least.toInt();
    }

    @Override
    public boolean isTraceEnabled() {
      return isLoud(Level.TRACE);
    }

    @Override
    public boolean isTraceEnabled(Marker marker) {
      return isTraceEnabled();
    }

    @Override
    public boolean isDebugEnabled() {
      return isLoud(Level.DEBUG);
    }

    @Override
    public boolean isDebugEnabled(Marker marker) {
      return isDebugEnabled();
    }

    @Override
    public boolean isInfoEnabled() {
      return isLoud(Level.INFO);
    }

    @Override
    public boolean isInfoEnabled(Marker marker) {
      return isInfoEnabled();
    }

    @Override
    public boolean isWarnEnabled() {
      return true;
    }

    @Override
    public boolean isWarnEnabled(Marker marker) {
      return true;
    }

    @Override
    public boolean isErrorEnabled() {
      return true;
    }

    @Override
    public boolean isErrorEnabled(Marker marker) {
      return true;
    }
  }
}
