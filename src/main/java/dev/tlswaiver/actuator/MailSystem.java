package dev.tlswaiver.actuator;

import dev.tlswaiver.actuator.MailChange.Table;
import dev.tlswaiver.waiver.Grant;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;

/** The mail system that serves the relaxed listeners. */
public interface MailSystem {
  /** Makes what every plan will need, so that the first one is as quick as the others. */
  void prepare() throws HostException;

  /** Makes anew what {@link #prepare} made and somebody has damaged since. */
  void keep() throws HostException;

  /** The difference between what the grants ask for and what there is. Changes nothing. */
  MailChange plan(Collection<Grant> grants) throws HostException;

  /** The commands that {@link #build} and {@link #reload} run, for a person. */
  List<String> commands(MailChange change);

  /** Writes a copy of the configuration with the change into the directory. */
  void stage(MailChange change, Path directory) throws HostException;

  /**
   * Asks the real tools about the staged copy.
   *
   * @throws RejectedException if one of them refuses, a port is taken, or the mail system is down
   */
  void validate(MailChange change, Path directory) throws HostException;

  /**
   * A file as it is now, but with what we put into it as it was before. What others changed
   * meanwhile stays.
   */
  String restored(Path file, String now, String before) throws HostException;

  /** Builds the table from its source, or removes it where the source is gone. */
  void build(Table table) throws HostException;

  void reload() throws HostException;

  boolean isRunning() throws HostException;

  void start() throws HostException;

  /** How the mail system answers now. */
  Health health() throws HostException;

  /**
   * Checks that the mail system is as well as before, and that the listeners answer.
   *
   * @throws HostException if not; says what is wrong
   */
  void probe(Health before, MailChange change) throws HostException;

  /**
   * What a probe of the public service saw.
   *
   * @param answers whether it greets
   * @param negotiates whether a TLS handshake was completed
   * @param logSize how long the mail log was, in bytes; 0 where it is not known
   */
  record Health(boolean answers, boolean negotiates, long logSize) {}
}
