package org.payerexchange.export;

import java.net.URI;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.PayerUrls;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/** A URL of a payer's answer, on its way into the ledger. */
public final class AnswerUrl {
  /** What the ledger's columns hold; signed URLs of object stores have some 2,000 characters. */
  private static final int LONGEST = 4000;

  private AnswerUrl() {}

  /**
   * The URL to call.
   *
   * @param from what was asked: a relative URL is relative to it (RFC 9110, section 8.7)
   * @throws TransferException as {@link PayerUrls#resolve(Payer, String)}, and {@link
   *     FailureReason#PAYER_REFUSED} if it is too long to be kept
   */
  public static URI resolve(Payer payer, URI from, String url) {
    URI resolved = PayerUrls.resolve(payer, from, url);
    if (resolved.toString().length() > LONGEST) {
      throw new TransferException(
          FailureReason.PAYER_REFUSED,
          "the answer names a URL of more than %s characters".formatted(LONGEST));
    }
    return resolved;
  }
}
