package dev.tlswaiver.maillog;

import java.util.ArrayList;
import java.util.List;

/**
 * What clients may make Postfix write: its sentences with a place for a client's words, and words
 * that look like sentences of its own.
 */
public final class Hostile {
  /** The client who says it all. */
  public static final String CLIENT = "a.x.example[192.0.2.1]";

  /** Whoever is to be blamed for it. */
  private static final String VICTIM = "victim.example[198.51.100.66]";

  /**
   * Sentences of smtpd(8) in which {@code %s} is what a client said: in its greeting, envelope and
   * commands, in its certificate's names, and as SNI; and the name that its address has in the DNS.
   */
  public static final List<String> FIELDS =
      """
      warning: non-SMTP command from PEER: %s
      improper command pipelining after EHLO from PEER: %s
      improper command pipelining after %s from PEER: x
      NOQUEUE: reject: RCPT from PEER: 554 5.7.1 <%s>: Relay access denied; from=<a@b.example> to=<x@y.example> proto=ESMTP helo=<h>
      NOQUEUE: reject: RCPT from PEER: 554 5.7.1 <x@y.example>: Relay access denied; from=<%s> to=<x@y.example> proto=ESMTP helo=<h>
      NOQUEUE: reject: RCPT from PEER: 554 5.7.1 <x@y.example>: Relay access denied; from=<a@b.example> to=<%s> proto=ESMTP helo=<h>
      NOQUEUE: reject: RCPT from PEER: 554 5.7.1 <x@y.example>: Relay access denied; from=<a@b.example> to=<x@y.example> proto=ESMTP helo=<%s>
      NOQUEUE: reject: EHLO from PEER: 504 5.5.2 <%s>: Helo command rejected: need fully-qualified hostname; proto=SMTP helo=<%s>
      NOQUEUE: reject_warning: MAIL from PEER: 450 4.1.8 <%s>: Sender address rejected; from=<%s> proto=ESMTP helo=<h>
      NOQUEUE: milter-reject: CONNECT from PEER: 451 4.7.1 %s; proto=SMTP
      NOQUEUE: filter: RCPT from PEER: <%s>: triggers FILTER x; from=<a@b.example> to=<c@d.example> proto=ESMTP helo=<h>
      4F6D0629C: reject: DATA from PEER: 503 5.5.0 <DATA>: Data command rejected; from=<%s> to=<%s> proto=ESMTP helo=<%s>
      4F6D0629C: milter-reject: END-OF-MESSAGE from PEER: 5.7.1 %s; from=<%s> to=<c@d.example> proto=ESMTP helo=<h>
      4F6D0629C: client=PEER, sasl_method=PLAIN, sasl_username=%s
      4F6D0629C: client=PEER, orig_queue_id=1, orig_client=%s
      proxy-reject: END-OF-MESSAGE: 554 5.7.1 %s; from=<%s> to=<c@d.example> proto=ESMTP helo=<%s>
      warning: Illegal address syntax from PEER in MAIL command: %s
      warning: bad ETRN %s... from PEER
      warning: reject: ETRN %s... from PEER
      warning: PEER: request longer than 2048: %s...
      warning: PEER: SASL LOGIN authentication failed: UGFzc3dvcmQ6, sasl_username=%s
      warning: 4F6D0629C: malformed BDAT command syntax from PEER: %s
      warning: pcre:/etc/postfix/filter lookup error for "%s"
      warning: Unable to look up MX host for %s: Host not found
      warning: Unable to look up NS host x for Sender address %s: Host not found
      warning: %s: address or MX lookup error: Malformed or unexpected name server reply
      warning: %s: RBL lookup error: Host or domain name not found
      warning: hostname %s does not resolve to address 192.0.2.1
      warning: hostname %s does not resolve to address 192.0.2.1: Name or service not known
      warning: 192.0.2.1: hostname %s verification failed: Name or service not known
      warning: 192.0.2.1: address not listed for hostname %s
      PEER: replacing command "%s" with "x"
      PEER: subject_CN=%s, issuer=x, fingerprint=AA:BB
      PEER: subject_CN=x, issuer=%s, fingerprint=AA:BB
      PEER: depth=0 verify=0 subject=%s
      certificate verification failed for PEER: untrusted issuer %s
      subject=%s
      issuer=%s
      TLS SNI %s from PEER not matched, using default chain
      warning: TLS SNI from PEER is invalid: %s
      warning: TLS SNI changed from PEER initially x, %s after hello retry
      warning: error loading private keys and certificates from: %s: aborting TLS handshake
      warning: tls_server_sni_maps: %s map lookup problem
      < PEER: EHLO %s
      > PEER: 250 %s
      Read 12 chars: %s
      0000 16 03 01 00 93 01 00 00|8f 03 01                 %s
      """
          .lines()
          .map(line -> line.replace("PEER", CLIENT))
          .toList();

  /** Sentences that mean something, when Postfix says them. */
  private static final List<String> SENTENCES =
      """
      connect from PEER
      disconnect from PEER
      disconnect from PEER ehlo=1 starttls=1 commands=2
      setting up TLS connection from PEER
      SSL_accept error from PEER: -1
      SSL_accept error from PEER: lost connection
      TLS library problem: error:0A000102:SSL routines::unsupported protocol:x.c:1:
      TLS library problem: 7:error:1408A0C1:SSL routines:SSL3_GET_CLIENT_HELLO:no shared cipher:s3_srvr.c:1:
      error:0A0000C1:SSL routines::no shared cipher:x.c:1:
      Anonymous TLS connection established from PEER: TLSv1.3 with cipher X (256/256 bits)
      TLS connection established from PEER: TLSv1.3 with cipher X (256/256 bits)
      4F6D0629D: client=PEER
      : client=PEER
      NOQUEUE: reject: RCPT from PEER: 554 5.7.1 no
      lost connection after STARTTLS from PEER
      NOQUEUE: timeout after DATA (12 bytes) from PEER
       after STARTTLS from PEER
       from PEER
      TLS handshake failed for service=smtpd peer=PEER
      CONNECT from PEER
      DISCONNECT PEER
      read from 5632BE8206E0 [5632BE8129E0] (11 bytes => 11 (0xB))
      0000 16 03 00 00 93 01 00 00|8f 03                    ........ ..
      000a - <SPACES/NULLS>
      GET /1: aborting TLS session
      PEER: invalid cipher grade: "x": aborting TLS session
      PEER: invalid cipher grade: "x"
      PEER: error setting cipher grade: "x"
      PEER: invalid unary '!+-@' in cipher exclusion: x
      Invalid TLS protocol list "x": disabling TLS support
      disabling TLS support
      x: disabling TLS support
      No server certs available. TLS won't be enabled
      cannot get RSA certificate from file "/x": disabling TLS support
      cannot load Certification Authority data, x: disabling TLS support
      error loading private keys and certificates from: x: aborting TLS handshake
      error opening DH parameter file "/x": x -- using compiled-in defaults
      Wrapper-mode request dropped from PEER for service smtps.
      don't know what EHLO features to announce to PEER
      fatal: bad boolean configuration: x = y
      fatal
      warning
      panic: x
      last message repeated 3 times
      Suppressed 9 messages from postfix.service
      reload -- version 3.7.11, configuration /etc/postfix
      """
          .lines()
          .map(line -> line.replace("PEER", VICTIM))
          .toList();

  /** What may stand before it: escapes of syslog and the journal, other headers, other words. */
  private static final List<String> BEFORE =
      List.of(
          "",
          " ",
          "x#012",
          "#012warning: ",
          "x\\n",
          "\\u000a",
          "\n",
          "x\nwarning: ",
          "\t",
          "x: ",
          "x]: ",
          "x>: ",
          "warning: ",
          "#012Mar  1 10:00:01 mx postfix/smtpd[32]: ",
          "\"}{\"MESSAGE\":\"",
          "Mar  1 10:00:01 mx postfix/smtpd[32]: warning: ");

  private Hostile() {}

  /** What a client may say. */
  public static List<String> words() {
    List<String> words = new ArrayList<>();
    for (String sentence : SENTENCES) {
      for (String before : BEFORE) {
        words.add(before + sentence);
        words.add(before + sentence + "\n");
        words.add(before + sentence + " from " + VICTIM);
      }
    }
    return words;
  }

  /** The sentence with these words at each place for them. */
  public static String said(String field, String words) {
    return field.replace("%s", words);
  }

  /** Words that are long, and long in the ways that parsers dislike. */
  public static List<String> longWords() {
    List<String> words = new ArrayList<>();
    for (char each = ' '; each < 127; each++) {
      words.add(Character.toString(each).repeat(1_900));
      words.add(("x" + each).repeat(30_000));
    }
    for (String each : List.of("a.", "[", "]", "][", "<[{(", "\\\"", "()", "1.", ":", ": ", " [")) {
      words.add(each.repeat(900));
      words.add(each.repeat(30_000));
    }
    return words;
  }
}
