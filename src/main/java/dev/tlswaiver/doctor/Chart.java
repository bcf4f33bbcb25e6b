package dev.tlswaiver.doctor;

import java.util.ArrayList;
import java.util.List;

/** What the examinations write down. */
final class Chart {
  private final List<Finding> findings = new ArrayList<>();
  private final List<String> unseen = new ArrayList<>();

  void find(Ailment ailment, String what, String mend) {
    Finding finding = new Finding(ailment, what, mend);
    if (!findings.contains(finding)) {
      findings.add(finding);
    }
  }

  /** Notes what this user could not see, and why. */
  void couldNotSee(String what) {
    if (!unseen.contains(what)) {
      unseen.add(what);
    }
  }

  boolean has(Ailment ailment) {
    return findings.stream().anyMatch(finding -> finding.ailment() == ailment);
  }

  /** Problems first, otherwise in the order of the examinations. */
  List<Finding> findings() {
    return findings.stream()
        .sorted(java.util.Comparator.comparing(finding -> finding.ailment().severity()))
        .toList();
  }

  List<String> unseen() {
    return List.copyOf(unseen);
  }
}
