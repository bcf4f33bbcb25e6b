package dev.tlswaiver.hand;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Plan;
import dev.tlswaiver.actuator.RejectedException;
import dev.tlswaiver.actuator.RolledBackException;
import dev.tlswaiver.actuator.Stage;
import dev.tlswaiver.actuator.postfix.Capabilities;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.socket.LineChannel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A hand in another process, which has the power and limits of its own. */
public final class HandBehindSocket implements Hand {
  private static final Logger LOG = LoggerFactory.getLogger(HandBehindSocket.class);

  /** Longer than a plan takes; shorter than the watchdog waits for whoever waits here. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Path socket;
  private final Duration patience;

  public HandBehindSocket(Path socket) {
    this(socket, PATIENCE);
  }

  HandBehindSocket(Path socket, Duration patience) {
    this.socket = socket;
    this.patience = patience;
  }

  @Override
  public boolean isApart() {
    return true;
  }

  @Override
  public Plan plan(Desired desired) throws HostException {
    return planned(ask(new HandRequest.Plan(desired))).plan();
  }

  @Override
  public Done apply(Desired desired) throws HostException {
    HandAnswer.Planned answer = planned(ask(new HandRequest.Apply(desired)));
    return new Done(answer.plan(), answer.refused());
  }

  @Override
  public Plan reset() throws HostException {
    return planned(ask(new HandRequest.Reset())).plan();
  }

  /** Root alone: has a network waived that is no single address, or for longer than usual. */
  public void permit(IpPrefix network, Instant until) throws HostException {
    noted(ask(new HandRequest.Permit(network, until)));
  }

  @Override
  public Sight look() throws HandAwayException {
    return told(new HandRequest.Facts(), HandAnswer.Facts.class)
        .orElse(new HandAnswer.Facts(Rules.NONE, List.of()));
  }

  @Override
  public Capabilities capabilities() throws HandAwayException {
    return told(new HandRequest.Abilities(), HandAnswer.Able.class)
        .map(HandAnswer.Able::capabilities)
        .orElse(Capabilities.UNKNOWN);
  }

  /** What can't be told is not known. */
  private <T extends HandAnswer> Optional<T> told(HandRequest request, Class<T> kind)
      throws HandAwayException {
    try {
      return Optional.of(ask(request)).filter(kind::isInstance).map(kind::cast);
    } catch (HandAwayException away) {
      throw away;
    } catch (HostException unseen) {
      return Optional.empty();
    }
  }

  /** Who listens starts it as soon as somebody connects; there is nothing to say yet. */
  @Override
  public void wake() {
    try {
      LineChannel.connect(socket).close();
    } catch (IOException | UnsupportedOperationException away) {
      LOG.debug("the hand can't be woken: {}", away.toString());
    }
  }

  private HandAnswer ask(HandRequest request) throws HostException {
    HandAnswer answer;
    try (LineChannel line = LineChannel.connect(socket)) {
      line.write(HandLines.write(request), patience);
      answer = HandLines.answer(line.read(HandLines.MOST_ANSWER_BYTES, patience));
    } catch (IOException | HandLines.MalformedException away) {
      throw new HandAwayException(
          "the privileged process behind "
              + socket
              + " can't be asked ("
              + away.getMessage()
              + "): systemctl status tlswaiver-hand.socket tlswaiver-hand.service",
          away);
    }
    if (answer instanceof HandAnswer.Failed failed) {
      throw exception(failed);
    }
    return answer;
  }

  private static HostException exception(HandAnswer.Failed failed) {
    Stage stage = failed.stage().orElse(Stage.LOCK);
    return switch (failed.extent()) {
      case REJECTED -> new RejectedException(stage, failed.why());
      case UNDONE -> new RolledBackException(stage, failed.why(), new HostException(failed.why()));
      case FAILED, DENIED -> new HostException(failed.why());
    };
  }

  private static HandAnswer.Planned planned(HandAnswer answer) throws HostException {
    if (answer instanceof HandAnswer.Planned planned) {
      return planned;
    }
    throw new HostException("the hand answers something else: " + answer);
  }

  private static void noted(HandAnswer answer) throws HostException {
    if (!(answer instanceof HandAnswer.Noted)) {
      throw new HostException("the hand answers something else: " + answer);
    }
  }
}
