package dev.tlswaiver.hand;

import dev.tlswaiver.socket.LineChannel;
import java.nio.file.Path;
import java.time.Duration;

/**
 * An agent that somebody has taken over: says to the hand whatever it is given.
 *
 * <p>Arguments: the socket, and the lines; prints what is answered.
 */
public final class TakenOver {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private TakenOver() {}

  public static void main(String[] arguments) throws Exception {
    for (int i = 1; i < arguments.length; i++) {
      try (LineChannel line = LineChannel.connect(Path.of(arguments[0]))) {
        line.write(arguments[i], PATIENCE);
        System.out.println(line.read(HandLines.MOST_ANSWER_BYTES, PATIENCE));
      }
    }
  }
}
