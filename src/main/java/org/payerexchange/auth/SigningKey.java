package org.payerexchange.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.AsymmetricJWK;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;

/**
 * A key that signs assertions, in a file that may be replaced at any time: a JWK, PEM (PKCS#8) or
 * PKCS#12. An RSA key signs with RS384, an EC key of the curve P-384 with ES384, the two algorithms
 * of SMART Backend Services.
 *
 * @param key the configuration key that names the file: {@code p2p.payers.bison.private-key-file}
 * @param file where it is
 * @param password opens it; empty: none
 * @param keyId its {@code kid}; empty: that of the JWK, else its thumbprint (RFC 7638)
 */
public record SigningKey(String key, Path file, String password, String keyId) {
  private static final int LEAST_RSA_BITS = 2048;

  /**
   * The key as it is now, with its {@code kid} and {@code alg}; where it has a certificate, its end
   * is the key's {@code exp}.
   *
   * @param now when it has to be good
   * @throws IllegalArgumentException naming the configuration key, if it cannot be read or must not
   *     be used
   */
  public JWK load(Instant now) {
    byte[] content = CredentialFile.read(key, file);
    try {
      JWK read = KeyFile.read(content, password);
      JWSAlgorithm algorithm = algorithm(read);
      requireMeantFor(algorithm, read);
      if (read.getExpirationTime() != null && !now.isBefore(read.getExpirationTime().toInstant())) {
        throw new IllegalArgumentException(
            "has expired at " + read.getExpirationTime().toInstant());
      }
      requireOneKey(read);
      return complete(algorithm, read);
    } catch (IllegalArgumentException unusable) {
      throw new IllegalArgumentException("%s: '%s' %s".formatted(key, file, unusable.getMessage()));
    } catch (JOSEException unusable) {
      throw new IllegalArgumentException("%s: '%s' holds no usable key".formatted(key, file));
    }
  }

  /**
   * Until when its certificate is good, or its JWK says that it is, also where that is over; empty
   * where neither says so.
   *
   * @throws IllegalArgumentException as {@link #load}
   */
  public Optional<Instant> end() {
    return Optional.ofNullable(load(Instant.MIN).getExpirationTime()).map(Date::toInstant);
  }

  /** Whether that time is over; a key that cannot be read is not over, but wrong. */
  boolean isOver(Instant now) {
    try {
      return end().filter(end -> !now.isBefore(end)).isPresent();
    } catch (IllegalArgumentException unusable) {
      return false;
    }
  }

  private static JWSAlgorithm algorithm(JWK read) {
    if (read instanceof RSAKey rsa) {
      if (rsa.size() < LEAST_RSA_BITS) {
        throw new IllegalArgumentException(
            "is an RSA key of %s bits, and at least %s are needed"
                .formatted(rsa.size(), LEAST_RSA_BITS));
      }
      return JWSAlgorithm.RS384;
    }
    if (read instanceof ECKey ec) {
      if (!Curve.P_384.equals(ec.getCurve())) {
        throw new IllegalArgumentException(
            "is an EC key of the curve %s, and P-384 is needed".formatted(ec.getCurve()));
      }
      return JWSAlgorithm.ES384;
    }
    throw new IllegalArgumentException(KeyFile.OTHER_KIND);
  }

  private static void requireMeantFor(JWSAlgorithm algorithm, JWK read) {
    if (read.getAlgorithm() != null && !read.getAlgorithm().equals(algorithm)) {
      throw new IllegalArgumentException(
          "is meant for %s, and %s is needed".formatted(read.getAlgorithm(), algorithm));
    }
    if (read.getKeyUse() != null && !read.getKeyUse().equals(KeyUse.SIGNATURE)) {
      throw new IllegalArgumentException("is not meant for signatures, by its \"use\"");
    }
  }

  private static void requireOneKey(JWK read) throws JOSEException {
    AsymmetricJWK both = (AsymmetricJWK) read;
    if (!KeyPairs.belongTogether(both.toPrivateKey(), both.toPublicKey())) {
      throw new IllegalArgumentException(
          "holds a private key and a public key or certificate that do not belong together");
    }
  }

  private JWK complete(JWSAlgorithm algorithm, JWK read) throws JOSEException {
    String kid =
        !keyId.isBlank()
            ? keyId
            : read.getKeyID() != null ? read.getKeyID() : read.computeThumbprint().toString();
    return read instanceof RSAKey rsa
        ? new RSAKey.Builder(rsa.toRSAPublicKey())
            .privateKey(rsa.toPrivateKey())
            .keyUse(KeyUse.SIGNATURE)
            .algorithm(algorithm)
            .keyID(kid)
            .expirationTime(rsa.getExpirationTime())
            .build()
        : new ECKey.Builder(Curve.P_384, ((ECKey) read).toECPublicKey())
            .privateKey(((ECKey) read).toPrivateKey())
            .keyUse(KeyUse.SIGNATURE)
            .algorithm(algorithm)
            .keyID(kid)
            .expirationTime(read.getExpirationTime())
            .build();
  }

  /** Where it is, and nothing of it. */
  @Override
  public String toString() {
    return "SigningKey[%s, %s]".formatted(key, file);
  }
}
