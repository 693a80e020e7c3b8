package org.payerexchange.http;

import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStore.PrivateKeyEntry;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.payerexchange.auth.KeyPairs;
import org.payerexchange.files.FileHash;

/**
 * Our own certificates in a key store, and those that vouch for them; as TLS does, it passes over
 * whatever else is there. What is wrong with them is told in words that go on after the file's
 * name.
 */
final class OwnChain {
  static final OwnChain NONE = new OwnChain(List.of());

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
        if (!KeyPairs.belongTogether(key, chain[0].getPublicKey())) {
          throw new IllegalArgumentException(
              "holds a private key and a certificate that do not belong together: entry '%s'"
                  .formatted(alias));
        }
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
