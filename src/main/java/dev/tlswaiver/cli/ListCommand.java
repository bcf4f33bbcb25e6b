package dev.tlswaiver.cli;

import dev.tlswaiver.agent.Configuration;
import dev.tlswaiver.report.WaiverText;
import dev.tlswaiver.store.Store;
import dev.tlswaiver.store.Totals;
import dev.tlswaiver.waiver.Waiver;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows the ledger, whether the agent runs or not. */
@Command(name = "list", description = "Waivers and their state.")
final class ListCommand extends OutputCommand {
  @Option(names = "--all", description = "Show those that have ended too.")
  private boolean all;

  @Option(
      names = "--format",
      paramLabel = "F",
      defaultValue = "text",
      converter = Format.Converter.class,
      description = "text or json (default: ${DEFAULT-VALUE}).")
  private Format format = Format.TEXT;

  ListCommand(PrintStream out) {
    super(out);
  }

  @Override
  public Integer call() throws Exception {
    Configuration configuration = configuration();
    if (!Files.exists(configuration.stateDirectory().resolve("ledger.db"))) {
      print(Totals.NONE, List.of());
      return Exit.DONE;
    }
    try (Store store = Store.open(configuration.stateDirectory())) {
      print(store.totals(), store.waivers());
    }
    return Exit.DONE;
  }

  private void print(Totals totals, List<Waiver> waivers) throws IOException {
    List<Waiver> shown =
        waivers.stream().filter(waiver -> all || !waiver.state().isTerminal()).toList();
    out.print(format == Format.JSON ? Json.text(Json.of(totals, shown)) : WaiverText.table(shown));
  }
}
