package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.actuator.postfix.ServedCertificate.FileState;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which suites the certificates of a service serve, by the word in OpenSSL's column {@code Au=}.
 *
 * <p>What can't be read, perhaps because only root may, could be either kind.
 */
public final class Certificates {
  static final String RSA = "RSA";
  static final String ECDSA = "ECDSA";

  private static final Set<String> EITHER = Set.of(RSA, ECDSA);

  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");

  private Certificates() {}

  /** One block of a PEM file. */
  private record Block(String label, String base64) {
    boolean isKey() {
      return label.endsWith("PRIVATE KEY");
    }

    boolean isCertificate() {
      return label.endsWith("CERTIFICATE");
    }

    String text() {
      return "-----BEGIN " + label + "-----" + base64 + "-----END " + label + "-----\n";
    }
  }

  /** The certificates that the service is told to show, each with its key. */
  public static List<ServedCertificate> served(TlsParameters parameters) {
    return parameters.chainFiles().isEmpty()
        ? servedByKind(parameters)
        : servedByChain(parameters.chainFiles());
  }

  private static List<ServedCertificate> servedByKind(TlsParameters parameters) {
    List<ServedCertificate> served = new ArrayList<>();
    for (String kind : List.of("", "d", "ec")) {
      String file = parameters.value("smtpd_tls_" + kind + "cert_file");
      if (!file.isEmpty() && !file.equalsIgnoreCase("none")) {
        String key = parameters.value("smtpd_tls_" + kind + "key_file");
        served.add(served(file, key.isEmpty() ? file : key));
      }
    }
    return served;
  }

  private static ServedCertificate served(String file, String keyFile) {
    Contents own = Contents.of(file);
    Contents keys = Contents.of(keyFile);
    List<Block> certificates = own.blocks().stream().filter(Block::isCertificate).toList();
    return new ServedCertificate(
        file,
        keyFile,
        own.state(),
        keys.state(),
        certificates.stream().findFirst().flatMap(Certificates::certificate),
        certificates.stream().skip(1).flatMap(block -> certificate(block).stream()).toList(),
        keys.blocks().stream().filter(Block::isKey).findFirst().map(Block::text));
  }

  private static List<ServedCertificate> servedByChain(List<String> files) {
    List<ServedCertificate> served = new ArrayList<>();
    Optional<Found> key = Optional.empty();
    for (String file : files) {
      Contents contents = Contents.of(file);
      if (contents.state() != FileState.READ) {
        key.ifPresent(unused -> served.add(unused.withoutCertificate()));
        // It may hold the key of the next certificate alone, or a certificate of its own too.
        key = Optional.of(new Found(file, contents.state(), Optional.empty()));
      }
      for (Block block : contents.blocks()) {
        if (block.isKey()) {
          key = Optional.of(new Found(file, FileState.READ, Optional.of(block.text())));
        } else if (block.isCertificate() && key.isPresent()) {
          served.add(key.get().with(file, certificate(block)));
          key = Optional.empty();
        } else if (block.isCertificate() && !served.isEmpty()) {
          int last = served.size() - 1;
          certificate(block)
              .ifPresent(issuer -> served.set(last, served.get(last).withIssuer(issuer)));
        }
      }
    }
    key.filter(unused -> unused.key().isEmpty())
        .ifPresent(unused -> served.add(unused.withoutCertificate()));
    return served;
  }

  /** A key that waits for its certificate, or a file that may hold one. */
  private record Found(String file, FileState state, Optional<String> key) {
    ServedCertificate with(String certificateFile, Optional<X509Certificate> certificate) {
      return new ServedCertificate(
          certificateFile, file, FileState.READ, state, certificate, List.of(), key);
    }

    ServedCertificate withoutCertificate() {
      return new ServedCertificate(file, file, state, state, Optional.empty(), List.of(), key);
    }
  }

  /** What a file holds. */
  private record Contents(FileState state, List<Block> blocks) {
    static Contents of(String file) {
      try {
        return new Contents(FileState.READ, Certificates.blocks(file));
      } catch (java.nio.file.AccessDeniedException hidden) {
        return new Contents(FileState.HIDDEN, List.of());
      } catch (IOException missing) {
        return new Contents(FileState.MISSING, List.of());
      }
    }
  }

  private static Optional<X509Certificate> certificate(Block block) {
    try {
      byte[] bytes = Base64.getMimeDecoder().decode(block.base64());
      return CertificateFactory.getInstance("X.509")
                  .generateCertificate(new ByteArrayInputStream(bytes))
              instanceof X509Certificate certificate
          ? Optional.of(certificate)
          : Optional.empty();
    } catch (CertificateException | IllegalArgumentException broken) {
      return Optional.empty();
    }
  }

  /**
   * The kinds of the service's certificates; empty where it has none.
   *
   * @param ours the relaxed listeners' file, which may not have been made yet
   */
  static Set<String> kinds(TlsParameters parameters, Path ours) {
    Set<String> kinds = new TreeSet<>();
    if (parameters.chainFiles().isEmpty()) {
      for (String file : parameters.certificateFiles()) {
        kinds.addAll(file.equals(ours.toString()) ? Set.of(RSA) : kindsOfFirst(file));
      }
      return kinds;
    }
    try {
      List<Block> blocks = new ArrayList<>();
      for (String file : parameters.chainFiles()) {
        blocks.addAll(blocks(file));
      }
      return kindsOfLeaves(blocks);
    } catch (IOException unreadable) {
      return EITHER;
    }
  }

  private static Set<String> kindsOfFirst(String file) {
    try {
      return blocks(file).stream()
          .filter(Block::isCertificate)
          .findFirst()
          .map(Certificates::kinds)
          .orElse(EITHER);
    } catch (IOException unreadable) {
      return EITHER;
    }
  }

  /** Each key is followed by its own certificate, and that by those of its issuers. */
  private static Set<String> kindsOfLeaves(List<Block> blocks) {
    Set<String> kinds = new TreeSet<>();
    boolean isLeaf = false;
    for (Block block : blocks) {
      if (isLeaf && block.isCertificate()) {
        kinds.addAll(kinds(block));
        isLeaf = false;
      }
      isLeaf |= block.isKey();
    }
    return kinds.isEmpty() ? EITHER : kinds;
  }

  private static Set<String> kinds(Block certificate) {
    Optional<X509Certificate> whole = certificate(certificate);
    return whole.isEmpty()
        ? EITHER
        : switch (whole.get().getPublicKey().getAlgorithm()) {
          case "RSA", "RSASSA-PSS" -> Set.of(RSA);
          case "EC", "EdDSA" -> Set.of(ECDSA);
          case "DSA" -> Set.of("DSS");
          default -> Set.of();
        };
  }

  /** The first certificate of a file; empty where there is none. */
  public static Optional<X509Certificate> first(Path file) {
    try {
      return certificates(file.toString()).stream().findFirst();
    } catch (IOException unreadable) {
      return Optional.empty();
    }
  }

  /** The public keys of the certificates that a service serves, and of their issuers. */
  static Set<PublicKey> publicKeys(TlsParameters parameters) {
    Set<PublicKey> keys = new HashSet<>();
    for (String file :
        parameters.chainFiles().isEmpty()
            ? parameters.certificateFiles()
            : parameters.chainFiles()) {
      try {
        certificates(file).forEach(certificate -> keys.add(certificate.getPublicKey()));
      } catch (IOException unreadable) {
        // What can't be read here can't have been copied from here either.
      }
    }
    return keys;
  }

  /** Those in a PEM file; what is none in it is passed over. */
  public static List<X509Certificate> certificates(String file) throws IOException {
    return blocks(file).stream()
        .filter(Block::isCertificate)
        .flatMap(block -> certificate(block).stream())
        .toList();
  }

  private static List<Block> blocks(String file) throws IOException {
    try {
      String text = Files.readString(Path.of(file), StandardCharsets.ISO_8859_1);
      List<Block> blocks = new ArrayList<>();
      Matcher matcher = BLOCK.matcher(text);
      while (matcher.find()) {
        blocks.add(new Block(matcher.group(1), matcher.group(2)));
      }
      return blocks;
    } catch (InvalidPathException noName) {
      throw new IOException(noName);
    }
  }
}
