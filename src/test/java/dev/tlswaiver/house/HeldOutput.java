package dev.tlswaiver.house;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Holds back what tests, and what they test, write to standard output and standard error, and shows
 * it when the test fails. One test runs at a time in a process, so that whatever was written since
 * the last one ended is its own.
 */
public final class HeldOutput implements TestExecutionListener {
  // Whoever has once asked for System.err, as the log does, has it for good: one for all test
  // plans.
  private static final Held HELD = new Held();
  private static final PrintStream CONSOLE = System.out;

  /** What the test that runs has written. */
  public static String soFar() {
    return HELD.text();
  }

  @Override
  public void testPlanExecutionStarted(TestPlan plan) {
    System.setOut(new PrintStream(HELD, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(HELD, true, StandardCharsets.UTF_8));
  }

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    String text = HELD.take();
    if (result.getStatus() == TestExecutionResult.Status.FAILED && !text.isEmpty()) {
      CONSOLE.println("What " + test.getDisplayName() + " wrote:\n" + text);
      CONSOLE.flush();
    }
  }

  /** The end of what was written. */
  private static final class Held extends OutputStream {
    /** A test that writes without end must not take all memory. */
    private static final int MOST_BYTES = 1 << 20;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @Override
    public synchronized void write(int next) {
      makeRoom(1);
      bytes.write(next);
    }

    @Override
    public synchronized void write(byte[] next, int offset, int length) {
      makeRoom(length);
      bytes.write(next, offset, length);
    }

    private void makeRoom(int length) {
      if (bytes.size() + length > MOST_BYTES) {
        bytes.reset();
      }
    }

    synchronized String text() {
      return bytes.toString(StandardCharsets.UTF_8);
    }

    synchronized String take() {
      String text = text();
      bytes.reset();
      return text;
    }
  }
}
