package dev.tlswaiver.hand;

import dev.tlswaiver.actuator.postfix.Capabilities;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * What the hand said last of the rungs, for an agent that begins before it has asked: it can't read
 * every certificate itself, and does not wait.
 */
public final class KnownCapabilities {
  private final Path file;

  public KnownCapabilities(Path stateDirectory) {
    this.file = stateDirectory.resolve("capabilities.json");
  }

  /** What was said last; empty where it can't be read. */
  public Optional<Capabilities> find() {
    try {
      return HandLines.answer(Files.readString(file)) instanceof HandAnswer.Able able
          ? Optional.of(able.capabilities())
          : Optional.empty();
    } catch (IOException | HandLines.MalformedException unknown) {
      return Optional.empty(); // The hand is asked soon.
    }
  }

  /** Remembers it. */
  public void remember(Capabilities capabilities) throws IOException {
    Path written = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(written, HandLines.write(new HandAnswer.Able(capabilities)));
    Files.move(written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
