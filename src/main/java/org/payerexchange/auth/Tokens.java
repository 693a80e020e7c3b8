package org.payerexchange.auth;

import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.payerexchange.step.TransferException;

/**
 * The access tokens of all peers. However many calls wait for a token, one request is made for it;
 * a token is renewed before it expires, and replaced once it was refused.
 */
public final class Tokens {
  private final TokenEndpoint endpoint;
  private final Clock clock;
  private final Duration refusalMemory;
  private final Function<TokenClient, String> certificate;
  private final Predicate<TokenClient> held;
  private final BiConsumer<TokenClient, TransferException> hold;
  private final Map<TokenClient, SharedToken> tokens = new ConcurrentHashMap<>();

  /**
   * An empty cache.
   *
   * @param endpoint asks the token endpoints
   * @param clock tells what has expired
   * @param refusalMemory how long a refusal by a token endpoint stands for all callers before the
   *     endpoint is asked again
   * @param certificate what calls to the client's peer show of our own certificate now: a token is
   *     used with the one with which it was asked for, and no other (RFC 8705, section 3)
   * @param held whether the client is still held for a refusal: where another node has freed it, no
   *     refusal of before stands
   * @param hold has a client held for which there is no token, and why, before anybody learns of it
   *     who would ask again because it is not held yet
   */
  public Tokens(
      TokenEndpoint endpoint,
      Clock clock,
      Duration refusalMemory,
      Function<TokenClient, String> certificate,
      Predicate<TokenClient> held,
      BiConsumer<TokenClient, TransferException> hold) {
    this.endpoint = endpoint;
    this.clock = clock;
    this.refusalMemory = refusalMemory;
    this.certificate = certificate;
    this.held = held;
    this.hold = hold;
  }

  /**
   * A token that is valid now; waits for the token endpoint where there is none.
   *
   * @throws TransferException as {@link TokenEndpoint#request}
   */
  public AccessToken get(TokenClient client) {
    return shared(client).get(client);
  }

  /**
   * A token that is asked for now, whatever the endpoint said before.
   *
   * @throws TransferException as {@link TokenEndpoint#request}
   */
  public AccessToken renew(TokenClient client) {
    SharedToken shared = shared(client);
    shared.forget();
    return shared.get(client);
  }

  /**
   * Takes a token out of use that the peer answered with 401. Another token that has taken its
   * place in the meantime stays.
   */
  public void refused(TokenClient client, AccessToken token) {
    shared(client).discard(token);
  }

  private SharedToken shared(TokenClient client) {
    return tokens.computeIfAbsent(
        client, key -> new SharedToken(endpoint, clock, refusalMemory, certificate, held, hold));
  }
}
