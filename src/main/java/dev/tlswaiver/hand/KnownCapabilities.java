package dev.tlswaiver.hand;

import dev.tlswaiver.actuator.FileEdit;
import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.postfix.Capabilities;
import java.nio.file.Path;
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
      Optional<String> text = FileEdit.read(file);
      return text.isPresent() && HandLines.answer(text.get()) instanceof HandAnswer.Able able
          ? Optional.of(able.capabilities())
          : Optional.empty();
    } catch (HostException | HandLines.MalformedException damaged) {
      return Optional.empty(); // The hand is asked soon.
    }
  }

  /** Remembers it. */
  public void remember(Capabilities capabilities) throws HostException {
    FileEdit.write(file, Optional.of(HandLines.write(new HandAnswer.Able(capabilities))));
  }
}
