package org.payerexchange.auth;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.ProviderException;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Map;

/** Private and public keys. */
public final class KeyPairs {
  private static final Map<String, String> SIGNATURES =
      Map.of("RSA", "SHA256withRSA", "EC", "SHA256withECDSA", "EdDSA", "EdDSA");

  private KeyPairs() {}

  /**
   * Whether a public key verifies what a private one signs; of a kind of key that is not known here
   * whether both are of that kind.
   */
  public static boolean belongTogether(PrivateKey own, PublicKey shown) {
    String algorithm = SIGNATURES.get(own.getAlgorithm());
    if (algorithm == null || !own.getAlgorithm().equals(shown.getAlgorithm())) {
      return own.getAlgorithm().equals(shown.getAlgorithm());
    }
    try {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(own);
      byte[] signed = signature.sign();
      signature.initVerify(shown);
      return signature.verify(signed);
    } catch (GeneralSecurityException | ProviderException unusable) {
      return false;
    }
  }
}
