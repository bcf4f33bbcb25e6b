package dev.tlswaiver.doctor;

import java.util.Locale;

/** What can be wrong with a host. Its ids are a contract; {@code docs/doctor.md} explains them. */
public enum Ailment {
  POSTFIX_MISSING(
      Severity.PROBLEM,
      "Waivers are settings of Postfix: without it there is nothing to examine, and nothing to relax."),
  POSTFIX_TOO_OLD(
      Severity.PROBLEM,
      "What a service would do is asked with postconf -x and -o, which came with Postfix 2.10."),
  POSTFIX_STOPPED(
      Severity.PROBLEM,
      "No mail comes in, and tlswaiver never starts a Postfix that the operator has stopped."),
  PUBLIC_SERVICE_MISSING(
      Severity.PROBLEM,
      "Without the service that faces the Internet nobody can tell which settings a sender meets."),
  MAP_TYPE_MISSING(
      Severity.PROBLEM,
      "The access maps of the relaxed listeners are of this type; without it each waiver is rejected by postmap."),
  OPENSSL_MISSING(
      Severity.PROBLEM,
      "What a rung can do is calculated with the openssl command, and the relaxed listeners' key is made with it."),
  NFT_MISSING(Severity.PROBLEM, "Waived senders are redirected with nftables."),
  NFT_NO_TIMEOUTS(
      Severity.PROBLEM,
      "Each redirect ends by a timeout of its own; a kernel without timeouts on interval sets takes no waiver."),
  NO_NET_ADMIN(
      Severity.PROBLEM,
      "Even root may not change the packet filter without the capability CAP_NET_ADMIN, as in most containers."),
  RUNG_IMPOSSIBLE(
      Severity.WARNING,
      "A waiver on this rung would not help anybody: what OpenSSL was built without, no setting brings back."),
  OPENSSL_MIN_PROTOCOL(
      Severity.WARNING,
      "This Postfix can't undercut MinProtocol of openssl.cnf, so that lower versions stay refused on every rung."),
  OPENSSL_SIGNATURE_ALGORITHMS(
      Severity.WARNING,
      "smtpd obeys SignatureAlgorithms of openssl.cnf, so that a sender which knows SHA-1 alone keeps failing on every rung."),
  CERTIFICATE_MISSING(
      Severity.PROBLEM,
      "Without a certificate smtpd offers no TLS, or none that a sender accepts."),
  CERTIFICATE_UNREADABLE(
      Severity.PROBLEM,
      "smtpd disables TLS when a certificate can't be loaded: every sender gets 454, or falls back to plaintext."),
  CERTIFICATE_EXPIRED(Severity.PROBLEM, "Senders that verify reject it; no waiver helps them."),
  CERTIFICATE_EXPIRES_SOON(Severity.WARNING, "After that day senders that verify reject it."),
  CERTIFICATE_NOT_YET_VALID(Severity.PROBLEM, "Senders that verify reject it until then."),
  CERTIFICATE_ECDSA_ONLY(
      Severity.WARNING,
      "Senders that know RSA alone fail with 'no shared cipher'. An RSA certificate beside it cures them without any waiver."),
  CERTIFICATE_CHAIN_MISSING(
      Severity.WARNING,
      "A sender that verifies can't find the way from it to a root that it knows."),
  CERTIFICATE_CHAIN_WRONG(
      Severity.WARNING,
      "A sender that verifies builds no way from it to a root, though all names fit."),
  CERTIFICATE_SELF_SIGNED(
      Severity.WARNING,
      "Most senders do not look; those with MTA-STS do, and deliver nothing, as do those that the operator made verify."),
  TLSA_MISMATCH(
      Severity.PROBLEM, "Senders with DANE deliver nothing to a host that shows another key."),
  MTA_STS_UNMET(
      Severity.PROBLEM,
      "While the policy says enforce, senders with MTA-STS deliver nothing to this host."),
  RELAXED_KEY_UNPUBLISHED(
      Severity.WARNING,
      "A waived sender that checks certificates would stop delivering, for as long as its waiver lasts."),
  KEY_UNREADABLE(
      Severity.PROBLEM,
      "smtpd disables TLS when a key can't be loaded: every sender gets 454, or falls back to plaintext."),
  KEY_MISMATCH(
      Severity.PROBLEM, "smtpd disables TLS when key and certificate do not belong together."),
  TLS_OFF(
      Severity.PROBLEM,
      "Nobody negotiates TLS, so that there is nothing to watch and nothing to relax."),
  TLS_MANDATORY(
      Severity.PROBLEM,
      "On port 25 it refuses mail of every sender that can't do TLS, and of each whose handshake fails (RFC 3207, 4)."),
  STARTTLS_HIDDEN(Severity.PROBLEM, "STARTTLS is not announced, so that nobody negotiates TLS."),
  PROTOCOL_LIST_INVALID(
      Severity.PROBLEM,
      "smtpd disables TLS in the whole service when a word of its protocol list is unknown."),
  PROTOCOL_LIST_EMPTY(
      Severity.PROBLEM,
      "STARTTLS is announced and each handshake fails: whoever does not fall back to plaintext can't deliver."),
  PROTOCOL_LIST_POSITIVE(
      Severity.PROBLEM,
      "A list that names a version drops every other that it does not name, also the newer ones: modern senders fail."),
  PROTOCOL_LIST_GAP(
      Severity.PROBLEM,
      "OpenSSL knows only a lowest and a highest version: around a gap one side is lost, or an old version stays that nobody wants."),
  CIPHER_SETTINGS_INVALID(
      Severity.PROBLEM,
      "smtpd ends each session whose cipher grade or exclusion it does not understand, without a word about the handshake."),
  NO_FORWARD_SECRECY(
      Severity.WARNING,
      "Below TLS 1.3 every recorded session can be read by whoever gets the key later, and senders that insist on forward secrecy fail."),
  ECDHE_OFF(
      Severity.PROBLEM,
      "With this OpenSSL there is then no suite with ECDHE, whatever the cipher list says, and senders that insist on one fail."),
  GROUPS_FEW(
      Severity.WARNING,
      "P-256 is the group that every TLS 1.3 peer must have (RFC 8446, 9.1) and the one that older ones with ECDHE know: who has no other that is left fails, and no relaxed terms are for that."),
  TLS_LOGLEVEL_ZERO(
      Severity.PROBLEM,
      "Completed handshakes are not in the log: a sender that fails now and then and otherwise meets the strict terms looks like one that can't meet them, and is relaxed."),
  TLS_LOGLEVEL_BY_SENDER(
      Severity.WARNING,
      "A sender to whom the map gives 0 is never seen to meet the strict terms: when it fails now and then it looks like one that can't meet them, and is relaxed."),
  TLS_LOGLEVEL_HIGH(
      Severity.WARNING,
      "Every handshake is dumped, which fills the log and slows down its readers. The relaxed listeners do it by themselves, for waived senders alone."),
  HANDSHAKES_TIME_OUT(
      Severity.WARNING,
      "Where many strangers stall in the handshake it is seldom they: hellos have grown, with keys for post-quantum groups beyond one packet, and a path that loses large packets stops just those."),
  PROXY_PROTOCOL(
      Severity.PROBLEM,
      "The kernel sees the proxy and not the sender: a redirect by address would take the proxy's connections, and a redirected sender would lose its address."),
  CLIENT_SETTING_ON_SERVER(
      Severity.WARNING,
      "smtp_tls_* is about mail that goes out. smtpd does not read it: the setting does nothing."),
  OVERRIDE_BROKEN(
      Severity.PROBLEM,
      "smtpd ends at once when an -o has no value in the same word, and master throttles the service: no mail comes in."),
  DUPLICATE_SERVICE(
      Severity.WARNING,
      "Of two entries for one service master takes the last, and does not look at the other."),
  UNUSED_PARAMETER(
      Severity.WARNING,
      "Postfix ignores a parameter that it does not know, without a word in the log; most are misspelt."),
  POSTLOG_MISSING(
      Severity.PROBLEM,
      "With maillog_file all programs log through the service postlog; without it their lines are lost."),
  LOG_MISSING(Severity.PROBLEM, "Failed handshakes are found in the log alone."),
  LOG_UNREADABLE(Severity.PROBLEM, "Failed handshakes are found in the log alone."),
  LOG_NO_FILE(
      Severity.PROBLEM,
      "What is no file is whatever the asking process has there: who would follow it would read what it says itself."),
  LOG_FORGEABLE(
      Severity.WARNING,
      "Whoever can write the log can have any sender weakened: a waiver waits for the operator's word."),
  LOG_SILENT(
      Severity.WARNING,
      "While Postfix runs, a log that stands still is mostly the wrong one, or its writer has stopped."),
  LOG_WITHOUT_POSTFIX(
      Severity.WARNING, "A file without a line of Postfix is mostly the wrong one."),
  LOG_COPYTRUNCATE(
      Severity.WARNING,
      "Lines that come between the copy and the truncation are lost, and with them failures and proofs."),
  REDIRECT_DROPPED(
      Severity.PROBLEM,
      "A waived sender would run into a timeout, which is worse than the failure it was waived for."),
  REDIRECT_BROKEN(
      Severity.PROBLEM,
      "What happened to a waived sender is worth more than what the rules seem to say."),
  PORT_UNTRACKED(
      Severity.PROBLEM,
      "A redirect is address translation, which connection tracking does: what it does not see is not redirected, or never answered."),
  PACKET_FILTER_UNCLEAR(
      Severity.WARNING,
      "A waived sender may run into a timeout; a waiver whose redirect does not work ends within hours."),
  PORT_REDIRECTED_ELSEWHERE(
      Severity.PROBLEM,
      "Two redirections of one port do not go together: the public service is somewhere else, or waived senders are sent there."),
  IPTABLES_LEGACY(
      Severity.WARNING,
      "These rules count, and 'nft list ruleset' does not show them: two sets of rules that nobody sees together."),
  RULESET_FLUSHED(
      Severity.WARNING,
      "A reload of nftables takes our redirects away until the agent looks again; meanwhile waived senders fail."),
  BAN_BY_PORT(
      Severity.WARNING,
      "A redirected connection passes a ban that matches on the port. The guard 'banned' ends the waiver of whoever is banned, but looks only once a minute."),
  PORT_SHARED(
      Severity.PROBLEM,
      "A redirect goes by the sender's address alone and would take the other server's mail too: nobody is waived."),
  PORT_TAKEN(
      Severity.PROBLEM,
      "A reload of Postfix with a listener on a taken port kills its master, and all mail with it: such a waiver is rejected."),
  DISK_FULL(
      Severity.PROBLEM,
      "Without space neither the ledger nor the queue can be written: mail is deferred, and waivers are not kept."),
  STATE_DIRECTORY_OPEN(
      Severity.PROBLEM,
      "Whoever can write there can grant waivers, or replace the key of the relaxed listeners."),
  STATE_DIRECTORY_UNWRITABLE(
      Severity.PROBLEM, "The agent keeps its ledger there and does not start without."),
  RELAXED_KEY_OPEN(
      Severity.PROBLEM,
      "Whoever can read the key of the relaxed listeners can impersonate them, and read recorded sessions without forward secrecy."),
  SOCKET_DIRECTORY_OPEN(
      Severity.PROBLEM,
      "Whoever can write there can put a socket of their own in the agent's place.");

  private final Severity severity;
  private final String why;

  Ailment(Severity severity, String why) {
    this.severity = severity;
    this.why = why;
  }

  /** As a program knows it: {@code certificate-expired}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  public Severity severity() {
    return severity;
  }

  /** Why it matters, in one sentence or two. */
  public String why() {
    return why;
  }
}
