package org.payerexchange.auth;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.UnrecoverableKeyException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.text.ParseException;
import java.util.Base64;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.KeyAgreement;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * What is in a file with a private key. All that is wrong with it is told in words that go on after
 * the file's name, and quote nothing of it.
 */
final class KeyFile {
  /** Of a key that signs with neither algorithm. */
  static final String OTHER_KIND = "is neither an RSA nor an EC key";

  private static final String NOT_OPENED = "is not opened by its password";
  private static final String MORE_THAN_ONE = "holds more than one private key";
  private static final Pattern OTHER_PEM =
      Pattern.compile("-----BEGIN (RSA|EC|DSA|OPENSSH) PRIVATE KEY-----");

  /** The text form of RFC 7468. */
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]+)-----END \\1-----");

  private PrivateKey privateKey;
  private byte[] publicPart;
  private X509Certificate certificate;

  private KeyFile() {}

  /**
   * Reads a JWK or a set of one, PEM (PKCS#8, with a certificate or public key beside it or
   * without), or PKCS#12.
   *
   * @param password opens what is encrypted
   * @throws IllegalArgumentException if there is not one private RSA or EC key in it
   */
  static JWK read(byte[] content, String password) {
    String text = CredentialFile.text(content);
    try {
      if (text.stripLeading().startsWith("{")) {
        return jwk(text);
      }
      KeyFile file = new KeyFile();
      if (text.contains("-----BEGIN ")) {
        file.readPem(text, password.toCharArray());
      } else {
        file.readPkcs12(content, password.toCharArray());
      }
      return file.jwk();
    } catch (GeneralSecurityException | IOException | IllegalStateException unreadable) {
      throw new IllegalArgumentException("cannot be read as a key");
    }
  }

  private static JWK jwk(String text) {
    try {
      Map<String, Object> json = JSONObjectUtils.parse(text);
      List<JWK> keys =
          (json.containsKey("keys") ? JWKSet.parse(json).getKeys() : List.of(JWK.parse(json)))
              .stream().filter(JWK::isPrivate).toList();
      return switch (keys.size()) {
        case 0 -> throw new IllegalArgumentException("holds no private key");
        case 1 -> keys.get(0);
        default -> throw new IllegalArgumentException(MORE_THAN_ONE);
      };
    } catch (ParseException unreadable) {
      throw new IllegalArgumentException("cannot be read as a JWK");
    }
  }

  private void readPem(String text, char[] password) throws GeneralSecurityException, IOException {
    if (OTHER_PEM.matcher(text).find()) {
      throw new IllegalArgumentException(
          "is PEM, but not PKCS#8: openssl pkcs8 -topk8 -in OLD -out NEW makes that of it");
    }
    for (Matcher block = BLOCK.matcher(text); block.find(); ) {
      byte[] der = decoded(block.group(2));
      switch (block.group(1)) {
        case "PRIVATE KEY" -> take(privateKey(new PKCS8EncodedKeySpec(der)));
        case "ENCRYPTED PRIVATE KEY" -> take(privateKey(decrypted(der, password)));
        case "PUBLIC KEY" -> publicPart = der;
        case "CERTIFICATE" -> {
          if (certificate == null) {
            certificate =
                (X509Certificate)
                    CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(der));
          }
        }
        default -> {
          // parameters and the like
        }
      }
    }
  }

  private static byte[] decoded(String base64) {
    try {
      return Base64.getMimeDecoder().decode(base64);
    } catch (IllegalArgumentException cut) {
      throw new IllegalArgumentException("cannot be read as PEM");
    }
  }

  private void take(PrivateKey key) {
    if (privateKey != null) {
      throw new IllegalArgumentException(MORE_THAN_ONE);
    }
    privateKey = key;
  }

  private static PrivateKey privateKey(PKCS8EncodedKeySpec spec) throws GeneralSecurityException {
    for (String kind : List.of("RSA", "EC")) {
      try {
        return KeyFactory.getInstance(kind).generatePrivate(spec);
      } catch (InvalidKeySpecException other) {
        // the next kind, then
      }
    }
    throw new IllegalArgumentException(OTHER_KIND);
  }

  private static PKCS8EncodedKeySpec decrypted(byte[] der, char[] password)
      throws GeneralSecurityException {
    try {
      EncryptedPrivateKeyInfo encrypted = new EncryptedPrivateKeyInfo(der);
      AlgorithmParameters parameters = encrypted.getAlgParameters();
      // of PBES2 the parameters alone tell which algorithm it is
      String algorithm =
          encrypted.getAlgName().startsWith("PBES2") || encrypted.getAlgName().startsWith("1.")
              ? parameters.toString()
              : encrypted.getAlgName();
      Cipher cipher = Cipher.getInstance(algorithm);
      cipher.init(
          Cipher.DECRYPT_MODE,
          SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec(password)),
          parameters);
      return encrypted.getKeySpec(cipher);
    } catch (InvalidKeySpecException wrong) {
      throw new IllegalArgumentException(NOT_OPENED);
    } catch (IOException | NoSuchAlgorithmException unknown) {
      throw new IllegalArgumentException(
          "is encrypted in a way that Java does not open: openssl pkcs8 -topk8 -v2 aes256 -in OLD -out NEW makes another of it");
    }
  }

  private void readPkcs12(byte[] content, char[] password) throws GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try {
      store.load(new ByteArrayInputStream(content), password);
      for (String alias : Collections.list(store.aliases())) {
        Key key = store.getKey(alias, password);
        if (key instanceof PrivateKey found) {
          take(found);
          certificate = (X509Certificate) store.getCertificate(alias);
        }
      }
    } catch (UnrecoverableKeyException wrong) {
      throw new IllegalArgumentException(NOT_OPENED);
    } catch (IOException unreadable) {
      throw new IllegalArgumentException(
          unreadable.getCause() instanceof UnrecoverableKeyException
              ? NOT_OPENED
              : "is no JWK, no PEM (PKCS#8) and no PKCS#12 file");
    }
  }

  private JWK jwk() throws GeneralSecurityException {
    if (privateKey == null) {
      throw new IllegalArgumentException("holds no private key");
    }
    PublicKey publicKey = publicKey();
    Date end = certificate == null ? null : certificate.getNotAfter();
    if (!publicKey.getAlgorithm().equals(privateKey.getAlgorithm())) {
      throw new IllegalArgumentException(
          "holds a private key and a certificate of different kinds");
    }
    if (publicKey instanceof RSAPublicKey rsa) {
      return new RSAKey.Builder(rsa).privateKey(privateKey).expirationTime(end).build();
    }
    if (publicKey instanceof ECPublicKey ec) {
      Curve curve = Curve.forECParameterSpec(ec.getParams());
      if (curve == null) {
        throw new IllegalArgumentException("is an EC key of an unknown curve");
      }
      return new ECKey.Builder(curve, ec).privateKey(privateKey).expirationTime(end).build();
    }
    throw new IllegalArgumentException(OTHER_KIND);
  }

  private PublicKey publicKey() throws GeneralSecurityException {
    if (certificate != null) {
      return certificate.getPublicKey();
    }
    KeyFactory factory = KeyFactory.getInstance(privateKey.getAlgorithm());
    if (publicPart != null) {
      return factory.generatePublic(new X509EncodedKeySpec(publicPart));
    }
    if (privateKey instanceof RSAPrivateCrtKey rsa) {
      return factory.generatePublic(
          new RSAPublicKeySpec(rsa.getModulus(), rsa.getPublicExponent()));
    }
    return publicPart((ECPrivateKey) privateKey);
  }

  /**
   * What PKCS#8 leaves out of an EC key: the x that it agrees upon with the curve's own point, and
   * of the two y that go with it the one that verifies what the key signs.
   */
  private static PublicKey publicPart(ECPrivateKey key) throws GeneralSecurityException {
    ECParameterSpec curve = key.getParams();
    KeyFactory factory = KeyFactory.getInstance("EC");
    KeyAgreement agreement = KeyAgreement.getInstance("ECDH");
    agreement.init(key);
    agreement.doPhase(
        factory.generatePublic(new ECPublicKeySpec(curve.getGenerator(), curve)), true);
    BigInteger x = new BigInteger(1, agreement.generateSecret());
    BigInteger p = ((ECFieldFp) curve.getCurve().getField()).getP();
    BigInteger square =
        x.pow(3).add(curve.getCurve().getA().multiply(x)).add(curve.getCurve().getB());
    // a square root, since each of these p is one less than a multiple of four
    BigInteger y = square.modPow(p.add(BigInteger.ONE).shiftRight(2), p);
    for (BigInteger each : List.of(y, p.subtract(y))) {
      PublicKey found = factory.generatePublic(new ECPublicKeySpec(new ECPoint(x, each), curve));
      if (KeyPairs.belongTogether(key, found)) {
        return found;
      }
    }
    throw new InvalidKeySpecException("no point of its curve");
  }
}
