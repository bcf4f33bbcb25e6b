package dev.tlswaiver.notify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.actuator.HostException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class CourierTest {
  private final BlockingQueue<String> counted = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> delivered = new LinkedBlockingQueue<>();

  private static Notice notice(int number) {
    return Notice.plain("n" + number, Topic.ALARM, Instant.EPOCH, "subject", "text");
  }

  private Courier courier(Way... ways) {
    return new Courier(
        List.of(ways), (way, isDelivered) -> counted.add(way + " " + isDelivered), delivered::add);
  }

  /** A way that does what it is told. */
  private record Told(String name, Delivery delivery) implements Way {
    interface Delivery {
      void deliver(Notice notice) throws HostException;
    }

    @Override
    public String description() {
      return name;
    }

    @Override
    public void deliver(Notice notice) throws HostException {
      delivery.deliver(notice);
    }
  }

  private static String next(BlockingQueue<String> queue) throws InterruptedException {
    return String.valueOf(queue.poll(10, TimeUnit.SECONDS));
  }

  @Test
  void aWayThatFailsIsCountedAndKeepsNoOtherBack() throws Exception {
    Way broken =
        new Told(
            "mail",
            notice -> {
              throw new HostException("no route");
            });
    Way mistaken =
        new Told(
            "other",
            notice -> {
              throw new IllegalStateException("ours");
            });
    try (Courier courier = courier(broken, mistaken, new Told("command", notice -> {}))) {
      assertThat(courier.take(notice(1))).isTrue();
      assertThat(next(delivered)).isEqualTo("n1");
      assertThat(List.copyOf(counted)).containsExactly("mail false", "other false", "command true");
    }
  }

  @Test
  void aWayThatHangsBlocksNobodyAndAFullQueueTakesNoMore() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(1);
    Way hanging =
        new Told(
            "command",
            notice -> {
              begun.countDown();
              try {
                release.await();
              } catch (InterruptedException stopped) {
                throw new HostException("stopped", stopped);
              }
            });
    try (Courier courier = courier(hanging)) {
      courier.take(notice(0));
      assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
      List<Boolean> taken = new ArrayList<>();
      for (int i = 1; i <= Courier.MOST_WAITING + 1; i++) {
        taken.add(courier.take(notice(i)));
      }
      assertThat(taken).endsWith(true, false).filteredOn(is -> is).hasSize(Courier.MOST_WAITING);
      release.countDown();
    }
  }

  @Test
  void whatWaitsAtTheEndIsNotDelivered() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    Way slow =
        new Told(
            "command",
            notice -> {
              begun.countDown();
              try {
                release.await();
              } catch (InterruptedException stopped) {
                throw new HostException("stopped", stopped);
              }
            });
    Courier courier = courier(slow);
    courier.take(notice(1));
    courier.take(notice(2));
    assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
    Thread closing = new Thread(courier::close);
    closing.start();
    while (closing.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait(); // Until it waits for the one under way.
    }
    assertThat(courier.take(notice(3))).isFalse();
    release.countDown();
    closing.join(10_000);
    assertThat(List.copyOf(delivered)).containsExactly("n1");
  }
}
