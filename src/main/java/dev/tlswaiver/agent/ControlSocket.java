package dev.tlswaiver.agent;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.io.Reader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Unix socket through which the other commands speak to a running agent. One JSON line each
 * way:
 *
 * <pre>
 * {"command": "revoke", "target": "41"}
 * {"exit": 0, "text": "waiver 41 ACTIVE -> REVOKED ..."}
 * </pre>
 *
 * <p>Only its owner and group may open it.
 */
public final class ControlSocket implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ControlSocket.class);
  private static final Gson GSON = new Gson();
  private static final int MOST_CHARACTERS = 4_096;

  /** What a command asks. */
  public record Request(String command, String target) {}

  /**
   * What the agent says to it.
   *
   * @param exit the exit code of the command
   */
  public record Reply(int exit, String text) {}

  /** Deals with a request. */
  @FunctionalInterface
  interface Handler {
    Reply answer(Request request) throws StartException;
  }

  private final Path path;
  private final ServerSocketChannel server;
  private final Thread thread;

  /** Begins to listen. The state directory's lock says that whatever socket is there is stale. */
  ControlSocket(Path path, Handler handler) throws StartException {
    this.path = path;
    try {
      Files.createDirectories(path.toAbsolutePath().getParent());
      Files.deleteIfExists(path);
      server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      server.bind(UnixDomainSocketAddress.of(path));
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw----"));
    } catch (IOException failure) {
      throw new StartException(
          "control_socket " + path + " can't be made: " + failure + "; choose another place",
          failure);
    }
    thread = new Thread(() -> serve(handler), "control");
    thread.setDaemon(true);
    thread.start();
  }

  private void serve(Handler handler) {
    while (true) {
      try (SocketChannel client = server.accept()) {
        reply(client, handler);
      } catch (ClosedChannelException closed) {
        return;
      } catch (IOException failure) {
        LOG.warn("a command went away: {}", failure.getMessage());
      }
    }
  }

  private static void reply(SocketChannel client, Handler handler) throws IOException {
    Reply reply;
    try {
      Request request = GSON.fromJson(readLine(client, MOST_CHARACTERS), Request.class);
      reply =
          request == null || request.command() == null
              ? new Reply(64, "no command")
              : handler.answer(request);
    } catch (JsonParseException malformed) {
      reply = new Reply(64, "not a request");
    } catch (StartException refused) {
      reply = new Reply(1, StartException.say(refused));
    }
    write(client, GSON.toJson(reply));
  }

  /**
   * Asks the agent that listens there.
   *
   * @return its reply; empty where none listens
   */
  public static Optional<Reply> ask(Path path, Request request) throws IOException {
    if (!Files.exists(path)) {
      return Optional.empty();
    }
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      write(channel, GSON.toJson(request));
      return Optional.of(GSON.fromJson(readLine(channel, Integer.MAX_VALUE), Reply.class));
    } catch (java.net.ConnectException nobody) {
      return Optional.empty();
    }
  }

  /** The channel stays open: the reply goes out, or came in, on it. */
  @SuppressWarnings("StreamResourceLeak")
  private static String readLine(SocketChannel channel, int most) throws IOException {
    Reader reader = Channels.newReader(channel, StandardCharsets.UTF_8);
    StringBuilder line = new StringBuilder();
    int next = reader.read();
    while (next >= 0 && next != '\n' && line.length() < most) {
      line.append((char) next);
      next = reader.read();
    }
    return line.toString();
  }

  private static void write(SocketChannel channel, String line) throws IOException {
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(line + "\n");
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
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
