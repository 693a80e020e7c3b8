package org.payerexchange.sandbox;

import java.util.Locale;

/** How a client shows the token endpoint who it is, by OAuth's names. */
public enum AuthMethod {
  /** Id and secret in the form (RFC 6749, section 2.3.1). */
  CLIENT_SECRET_POST,
  /** Id and secret by HTTP Basic, each form-encoded before (RFC 6749, section 2.3.1). */
  CLIENT_SECRET_BASIC,
  /** An assertion that it signs (RFC 7523; SMART App Launch, asymmetric client authentication). */
  PRIVATE_KEY_JWT,
  /** The certificate that it shows in the TLS handshake (RFC 8705, section 2.1). */
  TLS_CLIENT_AUTH;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
