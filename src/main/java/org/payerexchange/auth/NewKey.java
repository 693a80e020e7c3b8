package org.payerexchange.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.JWKGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;

/** The kinds of keys that can be made, by the algorithm that they sign with. */
public enum NewKey {
  /** An RSA key of 3072 bits. */
  RS384,
  /** An EC key of the curve P-384. */
  ES384;

  private static final int RSA_BITS = 3072;

  /**
   * Makes one.
   *
   * @return a private JWK, its thumbprint (RFC 7638) its {@code kid}
   * @throws JOSEException if this JVM cannot
   */
  public byte[] make() throws JOSEException {
    JWKGenerator<? extends JWK> generator =
        this == RS384 ? new RSAKeyGenerator(RSA_BITS) : new ECKeyGenerator(Curve.P_384);
    return generator
        .keyUse(KeyUse.SIGNATURE)
        .algorithm(JWSAlgorithm.parse(name()))
        .keyIDFromThumbprint(true)
        .generate()
        .toJSONString()
        .getBytes(UTF_8);
  }
}
