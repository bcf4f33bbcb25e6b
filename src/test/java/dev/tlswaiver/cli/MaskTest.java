package dev.tlswaiver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.config.Configuration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What strangers wrote is masked in time and space that grow with its length alone. */
final class MaskTest {
  private static final int MANY = 60_000;

  private static Mask mask() {
    return new Mask(Configuration.defaults().policy().pools().suffixes());
  }

  private static void onSmallStack(Runnable work) throws InterruptedException {
    AtomicReference<Throwable> thrown = new AtomicReference<>(new Throwable("nothing"));
    Throwable nothing = thrown.get();
    Thread thread = new Thread(null, work, "small", 128 * 1024);
    thread.setUncaughtExceptionHandler((on, error) -> thrown.set(error));
    thread.start();
    thread.join();
    assertThat(thrown.get()).isSameAs(nothing);
  }

  private static List<String> hostile() {
    List<String> texts = new ArrayList<>();
    for (char here = 0; here < 128; here++) {
      texts.add(String.valueOf(here).repeat(MANY));
    }
    for (String part :
        List.of(
            "a.",
            "a.pem.",
            "pem.",
            "1.2.3.4:",
            "::1:",
            "a:",
            "f:.",
            "a@",
            "a@[",
            "[",
            "[]",
            "<>",
            "\"@",
            "to=<",
            "helo=<x ",
            "static:",
            "static:{",
            "tlswaiver",
            "subject=",
            "\n ",
            "-o ",
            "message-id=",
            "a@[b@[",
            "]@[",
            "/home/",
            "passw",
            "= ",
            "\u00e9.")) {
      texts.add(part.repeat(10_000));
      texts.add("helo=<" + part.repeat(10_000) + ">");
      texts.add("x " + part.repeat(10_000) + "]");
    }
    return texts;
  }

  @Tag("slow")
  @Test
  @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void noTextTakesAStackOrATimeBeyondItsLength() throws Exception {
    List<String> texts = hostile();
    onSmallStack(
        () -> {
          for (String text : texts) {
            mask().apply(text);
            SupportLog.isRelevant(text);
            SupportLog.hostNames(text);
          }
        });
  }

  @Test
  void maskedIsWhatNamesSomebodyAndNothingElse() {
    assertThat(mask().apply("helo=<WIN-ABC> from=<jane@corp.test> 203.0.113.200 x.pem 12:30:45"))
        .isEqualTo("helo=<name1> from=<user1@domain1.example> 192.0.2.1 x.pem 12:30:45");
    assertThat(mask().apply("IPv6:2001:db8:feed::7, 2001:db8:feed::7:25 and [feed::1%eth0]"))
        .doesNotContain("feed")
        .contains("IPv6:2001:db8::1,");
    assertThat(mask().apply("a.b.c@[203.0.113.9] \"j d\"@mail.corp.test x@y"))
        .isEqualTo("user1@[192.0.2.1] user2@host1.domain1.example user3@host1");
    assertThat(mask().apply("my_password = hunter2\n  -o smtpd_banner=$myhostname x\nkey =\n"))
        .isEqualTo("my_password = (masked)\n  -o smtpd_banner=(masked)\nkey =\n");
    assertThat(mask().apply("helo=<no end")).isEqualTo("helo=<name1");
  }
}
