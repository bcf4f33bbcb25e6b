package dev.tlswaiver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.cli.Serving.Order;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.ParseResult;

final class ServingTest {
  @Test
  void aServicesCommandLineIsPlain() {
    assertThat(Order.plain(List.of("run"))).hasValue(new Order(Optional.empty(), false, false));
    assertThat(Order.plain(List.of("run", "--config", "/etc/x.yaml", "--debug", "--dry-run")))
        .hasValue(new Order(Optional.of(Path.of("/etc/x.yaml")), true, true));
  }

  @Test
  void whatElseThereMayBeIsForTheParser() {
    assertThat(Order.plain(List.of())).isEmpty();
    assertThat(Order.plain(List.of("list"))).isEmpty();
    assertThat(Order.plain(List.of("run", "--help"))).isEmpty();
    assertThat(Order.plain(List.of("run", "--config=x.yaml"))).isEmpty();
    assertThat(Order.plain(List.of("run", "--config"))).isEmpty();
    assertThat(Order.plain(List.of("run", "--config", "--debug"))).isEmpty();
    assertThat(Order.plain(List.of("run", "--config", "a", "--config", "b"))).isEmpty();
    assertThat(Order.plain(List.of("run", "--debug", "--debug"))).isEmpty();
  }

  @Property
  void whatIsPlainIsWhatTheParserUnderstands(@ForAll("options") List<String> arguments) {
    Order.plain(arguments).ifPresent(plain -> assertThat(plain).isEqualTo(parsed(arguments)));
  }

  @Provide
  Arbitrary<List<String>> options() {
    return Arbitraries.of(
            "--config", "--dry-run", "--debug", "a.yaml", "-x", "@file", "'q'", "--", "", "a b")
        .list()
        .ofMaxSize(5)
        .map(options -> Stream.concat(Stream.of("run"), options.stream()).toList());
  }

  private static Order parsed(List<String> arguments) {
    String[] array = arguments.toArray(String[]::new);
    ParseResult result = Main.commandLine(System.out, array).parseArgs(array);
    return ((RunCommand) result.subcommand().commandSpec().userObject()).order();
  }
}
