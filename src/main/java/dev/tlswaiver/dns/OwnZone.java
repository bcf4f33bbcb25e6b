package dev.tlswaiver.dns;

import java.util.List;

/** What this host's own domain publishes. Not verified: there is no DNSSEC here. */
public interface OwnZone {
  /** Nobody can tell. */
  OwnZone UNKNOWN =
      new OwnZone() {
        @Override
        public List<byte[]> tlsa(String name) throws NoAnswerException {
          throw new NoAnswerException(name);
        }

        @Override
        public List<String> texts(String name) throws NoAnswerException {
          throw new NoAnswerException(name);
        }
      };

  /**
   * The TLSA records of a name, each as RFC 6698, 2.1 has it on the wire.
   *
   * @throws NoAnswerException if nobody could tell
   */
  List<byte[]> tlsa(String name) throws NoAnswerException;

  /**
   * The TXT records of a name.
   *
   * @throws NoAnswerException if nobody could tell
   */
  List<String> texts(String name) throws NoAnswerException;
}
