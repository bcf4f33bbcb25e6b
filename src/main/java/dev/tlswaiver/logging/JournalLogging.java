package dev.tlswaiver.logging;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.Logger;
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
 * <p>Libraries are heard from warnings up, tlswaiver itself from {@code info} up, or {@code debug};
 * libraries' stack traces with {@code debug} only. Warnings that say the same again are held back
 * and counted.
 */
public final class JournalLogging implements SLF4JServiceProvider {
  private static final Journal PROCESS =
      new Journal(
          new PrintStream(System.err, true, StandardCharsets.UTF_8),
          System.getenv("JOURNAL_STREAM") != null,
          new Repeats(InstantSource.system()));

  private final IMarkerFactory markers = new BasicMarkerFactory();
  private final MDCAdapter contexts = new NOPMDCAdapter();

  /** From here on tlswaiver's details are told as well, and every repeat. */
  public static void debug() {
    PROCESS.isDebugging = true;
  }

  /**
   * Says how often was said again what was first said a while ago, if nobody said anything since.
   */
  public static void tellRepeats() {
    PROCESS.tell(PROCESS.repeats.due());
  }

  /** Says how often was said again what has not been counted yet; for the end. */
  public static void tellRest() {
    PROCESS.tell(PROCESS.repeats.rest());
  }

  @Override
  public ILoggerFactory getLoggerFactory() {
    return PROCESS::logger;
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

  /** Where all loggers of a process write to. */
  static final class Journal {
    private final PrintStream err;
    private final boolean underSystemd;
    private final Repeats repeats;
    private volatile boolean isDebugging;

    Journal(PrintStream err, boolean underSystemd, Repeats repeats) {
      this.err = err;
      this.underSystemd = underSystemd;
      this.repeats = repeats;
    }

    Logger logger(String name) {
      return new Line(name, this);
    }

    private void take(Level level, String text) {
      tell(repeats.due());
      // What happens to a waiver is INFO; alarms and refused reloads are ERROR: told always.
      if (level != Level.WARN || isDebugging || repeats.isNews(text)) {
        print(level, text);
      }
    }

    private void tell(List<String> sentences) {
      sentences.forEach(sentence -> print(Level.WARN, sentence));
    }

    private void print(Level level, String text) {
      String start = start(level);
      // One write for all lines of one message, so that two threads never mix theirs.
      err.print(start + text.replace("\n", "\n" + start) + "\n");
      err.flush();
    }

    private String start(Level level) {
      if (underSystemd) {
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
  }

  private static final class Line extends AbstractLogger {
    private static final long serialVersionUID = 1L;

    private final transient Journal journal;
    private final boolean isOurs;

    Line(String name, Journal journal) {
      this.name = name;
      this.journal = journal;
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
      StringBuilder text = new StringBuilder();
      text.append(MessageFormatter.basicArrayFormat(pattern, arguments));
      if (throwable != null && !isOurs && !journal.isDebugging) {
        // A library's trouble becomes ours, and is told in our words too.
        text.append(": ").append(throwable.toString().lines().findFirst().orElse(""));
      } else if (throwable != null) {
        StringWriter trace = new StringWriter();
        throwable.printStackTrace(new PrintWriter(trace));
        text.append('\n').append(trace.toString().stripTrailing());
      }
      journal.take(level, text.toString());
    }

    private boolean isLoud(Level level) {
      Level least = !isOurs ? Level.WARN : journal.isDebugging ? Level.DEBUG : Level.INFO;
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
