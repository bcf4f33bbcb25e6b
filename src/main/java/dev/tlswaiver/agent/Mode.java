package dev.tlswaiver.agent;

import dev.tlswaiver.config.Configuration;

/** What happens to a proposal. */
enum Mode {
  /** It is printed with its plan. */
  PRINT,
  /** It waits for the operator's word. */
  WAIT,
  /** It is applied. */
  APPLY;

  static Mode of(Configuration.Mode configured) {
    return switch (configured) {
      case OBSERVE -> PRINT;
      case PROPOSE -> WAIT;
      case ENFORCE -> APPLY;
    };
  }
}
