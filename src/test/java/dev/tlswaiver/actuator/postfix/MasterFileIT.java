package dev.tlswaiver.actuator.postfix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.actuator.Programs;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** We read master.cf as postconf(1) does. */
final class MasterFileIT {
  private static final List<String> SERVICES =
      List.of(
          "smtp inet n - n - - smtpd",
          "192.0.2.1:smtp\tinet  n       -       n       -       1       postscreen",
          "[2001:db8::1]:25 inet n - n - - smtpd -v",
          "pickup unix n - n 60 1 pickup");

  private static final List<String> MORE =
      List.of(
          " -o smtpd_tls_protocols=>=TLSv1.2",
          "\t-o { smtpd_client_restrictions = reject_rbl_client zen.example, permit }",
          "    -o {smtpd_banner=a  b} -o smtpd_tls_loglevel=1",
          "  -osmtpd_tls_ciphers=high",
          "  -o smtpd_helo_restrictions=${x?{a b}}\r",
          "# -o smtpd_tls_ciphers=low",
          "   # a comment within",
          "",
          "  -o smtpd_tls_ciphers=medium -o smtpd_tls_ciphers=high");

  @TempDir private Path folder;

  private final Programs programs = new ProcessPrograms();

  private record Read(String name, String command, Map<String, String> overrides) {
    static Read of(ServiceEntry entry) {
      return new Read(entry.name(), entry.command(), ServiceEntry.overrides(entry.arguments()));
    }
  }

  @Test
  void everyLogicalLineIsReadAsPostconfDoes() throws Exception {
    Files.createFile(folder.resolve("main.cf"));
    for (int seed = 0; seed < 100; seed++) {
      String text = file(new Random(seed));
      Files.writeString(folder.resolve("master.cf"), text, StandardCharsets.ISO_8859_1);
      String printed = programs.output("postconf", "-c", folder.toString(), "-M");
      assertThat(new MasterFile(text).entries())
          .as(text)
          .extracting(Read::of)
          .isEqualTo(new MasterFile(printed).entries().stream().map(Read::of).toList());
    }
  }

  private static String file(Random random) {
    List<String> lines = new ArrayList<>(List.of("# service", ""));
    for (String service : SERVICES) {
      if (random.nextInt(4) > 0) {
        lines.add(service);
        for (int i = random.nextInt(4); i > 0; i--) {
          lines.add(MORE.get(random.nextInt(MORE.size())));
        }
      }
    }
    return String.join("\n", lines) + (random.nextBoolean() ? "\n" : "");
  }
}
