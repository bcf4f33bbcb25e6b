package dev.tlswaiver.cli;

import dev.tlswaiver.agent.Offline;
import dev.tlswaiver.doctor.Checkup;
import dev.tlswaiver.doctor.CheckupJson;
import dev.tlswaiver.doctor.CheckupText;
import java.io.PrintStream;
import picocli.CommandLine.Command;

/** Examines the host. */
@Command(
    name = "doctor",
    description =
        "What is wrong on this host, and what mends it; exit code 3 if anything. Changes nothing.")
final class DoctorCommand extends FormattedCommand {
  DoctorCommand(PrintStream out) {
    super(out);
  }

  @Override
  public Integer call() throws Exception {
    Checkup checkup = Offline.examine(configuration());
    out.print(isJson() ? Json.text(CheckupJson.of(checkup)) : CheckupText.of(checkup));
    return checkup.findings().isEmpty() ? Exit.DONE : Exit.DIFFERENCES;
  }
}
