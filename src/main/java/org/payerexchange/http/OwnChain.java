package org.payerexchange.http;

import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStore.PrivateKeyEntry;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.payerexchange.files.FileHash;

/**
 * Our own certificates in a key store, and those that vouch for them; as TLS does, it passes over
 * whatever else is there. What is wrong with them is told in words that go on after the file's
 * name.
 */
final class OwnChain {
  static final OwnChain NONE = new OwnChain(List.of());

  /** Signs what the certificate has to verify. */
  private static final Map<String, String> SIGNATURES =
      Map.of("RSA", "SHA256withRSA", "EC", "SHA256withECDSA", "EdDSA", "EdDSA");

  private static final byte[] PROBE = {1};

  private final List<X509Certificate> certificates;

  private OwnChain(List<X509Certificate> certificates) {
    this.certificates = List.copyOf(certificates);
  }

  /**
   * Finds them.
   *
   * @throws IllegalArgumentException if there is none with its private key
   */
  static OwnChain in(KeyStore store, String password) throws GeneralSecurityException {
    List<X509Certificate> found = new ArrayList<>();
    for (String alias : Collections.list(store.aliases())) {
      Certificate[] chain = store.getCertificateChain(alias);
      if (store.entryInstanceOf(alias, PrivateKeyEntry.class) && chain != null) {
        PrivateKey key = (PrivateKey) store.getKey(alias, password.toCharArray());
        requirePair(alias, key, chain[0].getPublicKey());
        for (Certificate each : chain) {
          found.add((X509Certificate) each);
        }
      }
    }
    if (found.isEmpty()) {
      throw new IllegalArgumentException("holds no private key with its certificate");
    }
    return new OwnChain(found);
  }

  private static void requirePair(String alias, PrivateKey key, PublicKey certified)
      throws GeneralSecurityException {
    String algorithm = SIGNATURES.get(key.getAlgorithm());
    if (algorithm != null && !verifies(algorithm, key, certified)) {
      throw new IllegalArgumentException(
          "holds a private key and a certificate that do not belong together: entry '%s'"
              .formatted(alias));
    }
  }

  private static boolean verifies(String algorithm, PrivateKey key, PublicKey certified)
      throws GeneralSecurityException {
    if (!key.getAlgorithm().equals(certified.getAlgorithm())) {
      return false;
    }
    Signature signature = Signature.getInstance(algorithm);
    signature.initSign(key);
    signature.update(PROBE);
    byte[] signed = signature.sign();
    signature.initVerify(certified);
    signature.update(PROBE);
    return signature.verify(signed);
  }

  /**
   * Refuses them where one is not good now.
   *
   * @throws IllegalArgumentException with the time in which it is
   */
  void requireGood(Instant now) {
    for (X509Certificate each : certificates) {
      Instant from = each.getNotBefore().toInstant();
      Instant to = each.getNotAfter().toInstant();
      if (now.isBefore(from) || now.isAfter(to)) {
        throw new IllegalArgumentException(
            "holds a certificate that is good from %s to %s alone".formatted(from, to));
      }
    }
  }

  /** When the first of them ends; empty if there are none. */
  Optional<Instant> end() {
    return certificates.stream()
        .map(each -> each.getNotAfter().toInstant())
        .min(Comparator.naturalOrder());
  }

  /** The SHA-256 of all of them in hexadecimal digits; empty if there are none. */
  String hash() throws CertificateException {
    List<byte[]> encoded = new ArrayList<>();
    for (X509Certificate each : certificates) {
      encoded.add(each.getEncoded());
    }
    return encoded.isEmpty() ? "" : FileHash.sha256(encoded.toArray(byte[][]::new));
  }
}
