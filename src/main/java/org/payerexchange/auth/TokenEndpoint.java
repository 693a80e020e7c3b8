package org.payerexchange.auth;

import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/** An OAuth 2.0 token endpoint (RFC 6749, section 4.4: client credentials). */
public interface TokenEndpoint {
  /**
   * Asks for a token; waits for the answer.
   *
   * @throws TransferException {@link FailureReason#TOKEN_REFUSED} if the endpoint refuses the
   *     client, {@link FailureReason#CREDENTIALS_UNUSABLE} if it is not asked since a file of ours
   *     cannot be used, any other reason if there is no usable answer
   */
  TokenAnswer request(TokenClient client);
}
