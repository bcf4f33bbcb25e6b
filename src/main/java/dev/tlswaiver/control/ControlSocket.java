package dev.tlswaiver.control;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import dev.tlswaiver.report.WaiverText;
import dev.tlswaiver.socket.LineChannel;
import dev.tlswaiver.socket.Listener;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Unix socket through which the other commands speak to a running agent. One JSON line each
 * way:
 *
 * <pre>
 * {"command": "revoke", "target": "41"}
 * {"command": "pause", "target": "", "arguments": {"for": "2h"}}
 * {"exit": 0, "text": "waiver 41 ACTIVE -> REVOKED ...", "warnings": []}
 * </pre>
 *
 * <p>Only its owner and group may open it. Commands are dealt with one after the other; whoever is
 * slow to speak or to listen is left, so that the next one gets its turn.
 */
public final class ControlSocket implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ControlSocket.class);
  private static final Gson GSON = new Gson();
  public static final int MOST_BYTES = 8_192;
  private static final int MOST_REPLY_BYTES = 64 << 20;

  /** A command writes its line at once, and reads what it asked for. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** Deals with a request. */
  @FunctionalInterface
  public interface Handler {
    Reply answer(Request request) throws StartException;
  }

  private final Path path;
  private final ServerSocketChannel server;
  private final Thread thread;

  /** Begins to listen. The state directory's lock says that whatever socket is there is stale. */
  public ControlSocket(Path path, Handler handler) throws StartException {
    this(path, handler, PATIENCE);
  }

  ControlSocket(Path path, Handler handler, Duration patience) throws StartException {
    this.path = path;
    try {
      Files.createDirectories(path.toAbsolutePath().getParent());
      server = Listener.at(path, "rw-rw----");
    } catch (IOException | IllegalArgumentException failure) {
      throw new StartException(
          "control_socket " + path + " can't be made: " + failure + "; choose another place",
          failure);
    }
    thread = new Thread(() -> serve(handler, patience), "control");
    thread.setDaemon(true);
    thread.start();
  }

  private void serve(Handler handler, Duration patience) {
    while (true) {
      try (SocketChannel client = server.accept()) {
        reply(new LineChannel(client), handler, patience);
      } catch (ClosedChannelException closed) {
        return;
      } catch (IOException failure) {
        LOG.warn("a command went away: {}", StartException.say(failure));
      }
    }
  }

  private static void reply(LineChannel line, Handler handler, Duration patience)
      throws IOException {
    Reply reply;
    try {
      reply = handler.answer(RequestLine.read(line.read(MOST_BYTES, patience)));
    } catch (RequestLine.MalformedException malformed) {
      reply = malformed.reply();
    } catch (StartException refused) {
      reply = new Reply(1, StartException.say(refused));
    } catch (RuntimeException mistake) {
      LOG.error("a command can't be answered", mistake);
      reply = new Reply(1, "this is a mistake in tlswaiver, please report it: " + mistake);
    }
    line.write(GSON.toJson(reply), patience);
  }

  /**
   * Asks the agent that listens there.
   *
   * @param within how long its answer may take
   * @return its reply; empty where none listens
   * @throws StartException if this user may not ask
   * @throws SilentAgentException if an agent is there and does not answer
   */
  public static Optional<Reply> ask(Path path, Request request, Duration within)
      throws IOException, StartException, SilentAgentException {
    if (Files.notExists(path)) {
      return Optional.empty();
    }
    try (LineChannel line = LineChannel.connect(path)) {
      line.write(RequestLine.write(request), within);
      Reply reply = GSON.fromJson(line.read(MOST_REPLY_BYTES, within), Reply.class);
      if (reply == null) {
        throw new StartException(
            "the agent went away without an answer; tlswaiver list shows more");
      }
      return Optional.of(reply);
    } catch (SocketTimeoutException late) {
      throw new SilentAgentException(
          "the agent at "
              + path
              + " does not answer within "
              + WaiverText.length(within)
              + "; it may yet do what it was asked. Look at journalctl -u tlswaiver",
          late);
    } catch (JsonParseException malformed) {
      throw new StartException("what listens at " + path + " is no tlswaiver", malformed);
    } catch (ConnectException nobody) {
      return Optional.empty();
    } catch (SocketException denied) {
      throw new StartException(
          "control_socket "
              + path
              + " can't be opened by this user ("
              + StartException.say(denied)
              + "): run as root, or as a member of the group "
              + group(path),
          denied);
    }
  }

  /** The group that may open the socket, as far as this user can see. */
  private static String group(Path path) {
    for (Path place = path.toAbsolutePath(); place != null; place = place.getParent()) {
      try {
        return Files.readAttributes(place, PosixFileAttributes.class).group().getName();
      } catch (IOException | UnsupportedOperationException hidden) {
        // The directory above may be seen.
      }
    }
    return "that it belongs to";
  }

  @Override
  public void close() {
    try {
      server.close();
      Files.deleteIfExists(path);
    } catch (IOException failure) {
      LOG.warn("control_socket {} is left behind: {}", path, failure.getMessage());
    }
  }
}
