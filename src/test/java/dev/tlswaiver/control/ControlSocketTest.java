package dev.tlswaiver.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tlswaiver.waiver.Rung;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real socket with commands on one side, and good and bad agents on the other. */
final class ControlSocketTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir Path folder;

  private Path path() {
    return folder.resolve("control.sock");
  }

  @Test
  void requestsAndRepliesPassWhole() throws Exception {
    String lines = "first line\nsecond line: Zürich\n".repeat(10_000);
    try (ControlSocket socket =
        new ControlSocket(
            path(),
            request ->
                new Reply(3, request + "\n" + lines, List.of("one warning", "and another")))) {
      Request request =
          new Request.Grant(
              "192.0.2.1", Rung.LEGACY, Optional.of(Duration.ofDays(7)), "a reason", true);
      Reply reply = ControlSocket.ask(path(), request, SOON).orElseThrow();
      assertThat(reply.exit()).isEqualTo(3);
      assertThat(reply.text()).isEqualTo(request + "\n" + lines);
      assertThat(reply.warnings()).containsExactly("one warning", "and another");
      assertThat(Files.getPosixFilePermissions(path())).hasSize(4);
      assertThat(socket).isNotNull();
    }
    assertThat(path()).doesNotExist();
    assertThat(ControlSocket.ask(path(), new Request.Inventory("text", false), SOON)).isEmpty();
  }

  @Test
  void aReleaseBeforeIsUnderstood() throws Exception {
    try (ControlSocket socket = new ControlSocket(path(), request -> new Reply(0, "" + request))) {
      assertThat(say("{\"command\": \"revoke\", \"target\": \"41\"}\n"))
          .contains("Revoke[target\\u003d41]", "\"exit\":0");
      assertThat(socket).isNotNull();
    }
  }

  @Test
  void nonsenseIsAnsweredAndTheNextIsServed() throws Exception {
    try (ControlSocket socket = new ControlSocket(path(), request -> new Reply(0, "good"))) {
      assertThat(say("\n")).contains("no command");
      assertThat(say("{]\n")).contains("not a request");
      assertThat(say("x".repeat(100_000) + "\n")).contains("not a request");
      assertThat(say("{\"x\": " + "[".repeat(8_000) + "\n")).contains("not a request");
      assertThat(say("{\"command\": \"list\", \"arguments\": {\"for\": null}}\n")).contains("good");
      assertThat(ControlSocket.ask(path(), new Request.Inventory("text", false), SOON)).isPresent();
      assertThat(socket).isNotNull();
    }
  }

  private String say(String text) throws Exception {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path()))) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      ByteBuffer answer = ByteBuffer.allocate(10_000);
      try {
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      } catch (java.io.IOException full) {
        // It has heard enough.
      }
      channel.read(answer);
      return new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void aMistakeOfOursIsAnsweredToo() throws Exception {
    try (ControlSocket socket =
        new ControlSocket(
            path(),
            request -> {
              throw new IllegalStateException("planted");
            })) {
      assertThat(ControlSocket.ask(path(), new Request.Inventory("text", false), SOON))
          .hasValueSatisfying(
              reply -> {
                assertThat(reply.exit()).isEqualTo(1);
                assertThat(reply.text()).contains("planted", "report it");
              });
      assertThat(socket).isNotNull();
    }
  }

  @Test
  void twoCommandsAtOnceAreServedOneAfterTheOther() throws Exception {
    CountDownLatch first = new CountDownLatch(1);
    try (ControlSocket socket =
        new ControlSocket(
            path(),
            request -> {
              String target = ((Request.Revoke) request).target();
              if (target.equals("slow")) {
                await(first);
              }
              return new Reply(0, target);
            })) {
      CompletableFuture<String> slow = CompletableFuture.supplyAsync(() -> ask("slow"));
      CompletableFuture<String> quick = CompletableFuture.supplyAsync(() -> ask("quick"));
      first.countDown();
      assertThat(slow.get()).isEqualTo("slow");
      assertThat(quick.get()).isEqualTo("quick");
      assertThat(socket).isNotNull();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private String ask(String target) {
    try {
      return ControlSocket.ask(path(), new Request.Revoke(target), SOON).orElseThrow().text();
    } catch (Exception failure) {
      throw new AssertionError(failure);
    }
  }

  @Test
  void whoeverSaysNothingIsLeftSoThatTheNextGetsItsTurn() throws Exception {
    Duration patience = Duration.ofMillis(100);
    try (ControlSocket socket =
            new ControlSocket(path(), request -> new Reply(0, "served"), patience);
        SocketChannel mute = SocketChannel.open(UnixDomainSocketAddress.of(path()))) {
      assertThat(ask("next")).isEqualTo("served");
      assertThat(mute.isOpen()).isTrue();
      assertThat(socket).isNotNull();
    }
  }

  @Test
  void anAgentThatHangsIsToldOf() throws Exception {
    try (ServerSocketChannel hanging = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      hanging.bind(UnixDomainSocketAddress.of(path()));
      assertThatThrownBy(
              () -> ControlSocket.ask(path(), new Request.Revoke("1"), Duration.ofSeconds(1)))
          .isInstanceOf(SilentAgentException.class)
          .hasMessageContaining("does not answer within 1s")
          .hasMessageContaining("journalctl");
    }
  }

  @Test
  void aSocketLeftBehindIsNobody() throws Exception {
    ServerSocketChannel killed = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    killed.bind(UnixDomainSocketAddress.of(path()));
    killed.close();
    assertThat(path()).exists();
    assertThat(ControlSocket.ask(path(), new Request.Inventory("text", false), SOON)).isEmpty();
    try (ControlSocket next = new ControlSocket(path(), request -> new Reply(0, "new"))) {
      assertThat(ask("any")).isEqualTo("new");
      assertThat(next).isNotNull();
    }
  }

  @Test
  void aFileOfSomebodyElseIsNotRemoved() throws Exception {
    Files.writeString(path(), "precious");
    assertThatThrownBy(() -> new ControlSocket(path(), request -> new Reply(0, "")))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("it is no socket");
    assertThat(path()).hasContent("precious");
  }

  @Test
  void aPathThatNoSocketCanHaveIsNamed() {
    Path deep = folder.resolve("a".repeat(100)).resolve("b".repeat(100));
    assertThatThrownBy(() -> new ControlSocket(deep, request -> new Reply(0, "")))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("control_socket " + deep);
  }
}
