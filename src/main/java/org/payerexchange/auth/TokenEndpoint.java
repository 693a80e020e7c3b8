package org.payerexchange.auth;

/** An OAuth 2.0 token endpoint (RFC 6749, section 4.4: client credentials). */
public interface TokenEndpoint {
  /**
   * Asks for a token; waits for the answer.
   *
   * @throws org.payerexchange.step.TransferException {@link
   *     org.payerexchange.step.FailureReason#TOKEN_REFUSED} if the endpoint refuses the client, any
   *     other reason if there is no usable answer
   */
  TokenAnswer request(TokenClient client);
}
