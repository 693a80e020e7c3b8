package org.payerexchange.http;

import java.net.URI;
import org.payerexchange.auth.AccessToken;
import org.payerexchange.payer.PayerUrls;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * How far one call has got: which hop of a redirect is next, whether the token was replaced or any
 * media type accepted already, and whether there is an answer. Used by one thread at a time.
 */
public final class PayerCall {
  private static final int MOST_REDIRECTS = 5;

  private final URI start;
  private PayerRequest request;
  private AccessToken token;
  private boolean tokenReplaced;
  private boolean takesAny;
  private boolean open = true;
  private int redirects;

  PayerCall(PayerRequest request) {
    this.start = request.url();
    this.request = request;
  }

  boolean isOpen() {
    return open;
  }

  PayerRequest request() {
    return request;
  }

  void use(AccessToken fresh) {
    token = fresh;
  }

  AccessToken token() {
    return token;
  }

  void close() {
    open = false;
  }

  /** Whether a 401 may be answered with another token: once, and only where one was sent. */
  boolean mayReplaceToken() {
    return request.token() && token != null && !tokenReplaced;
  }

  void tokenReplaced() {
    tokenReplaced = true;
    token = null;
  }

  /**
   * Whether a 406 may be answered by asking for any media type: once, and where nothing is sent.
   */
  boolean mayTakeAny() {
    return request.body() == null && !takesAny;
  }

  void takeAny() {
    takesAny = true;
    request = request.takingAny();
  }

  /**
   * Goes on to the target of a redirect. The token goes on to the origin that it was meant for; a
   * body, which may hold PHI, goes nowhere but to the base URL's origin.
   */
  void redirect(int status, String location) {
    if (++redirects > MOST_REDIRECTS) {
      throw refused(
          "redirects more than %s times; are the scheme and port of base-url right?"
              .formatted(MOST_REDIRECTS));
    }
    boolean repeatable = request.method().equals("GET") || status == 307 || status == 308;
    if (!repeatable) {
      throw refused("answers a %s with a redirect (%s)".formatted(request.method(), status));
    }
    URI hop = PayerUrls.resolve(request.peer(), request.url(), location);
    if (request.body() != null && !PayerUrls.sendsToken(request.peer(), hop, null)) {
      throw new TransferException(
          FailureReason.FOREIGN_HOST,
          "%s redirects a request with a body away from its base-url"
              .formatted(request.peer().what()));
    }
    boolean withToken = request.token() && PayerUrls.sendsTokenOn(request.peer(), start, hop);
    request = request.redirected(hop, withToken);
  }

  private TransferException refused(String what) {
    return new TransferException(
        FailureReason.PAYER_REFUSED, "%s %s".formatted(request.peer().what(), what));
  }

  /** Names the request only. */
  @Override
  public String toString() {
    return "PayerCall[%s]".formatted(request);
  }
}
