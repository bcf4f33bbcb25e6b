package dev.tlswaiver.actuator.postfix;

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
final class Certificates {
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
  static Optional<X509Certificate> first(Path file) {
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

  private static List<X509Certificate> certificates(String file) throws IOException {
    return blocks(file).stream()
        .filter(Block::isCertificate)
        .flatMap(block -> certificate(block).stream())
        .toList();
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
