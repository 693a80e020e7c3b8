package org.payerexchange.auth;

import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.payerexchange.payer.Payer;

/**
 * The access tokens of all payers. However many calls wait for a token, one request is made for it;
 * a token is renewed before it expires, and replaced once it was refused.
 */
public final class Tokens {
  private record Key(String payer, String scope) {}

  private final TokenEndpoint endpoint;
  private final Clock clock;
  private final Duration refusalMemory;
  private final Predicate<Payer> held;
  private final BiConsumer<Payer, String> hold;
  private final Map<Key, SharedToken> tokens = new ConcurrentHashMap<>();

  /**
   * An empty cache.
   *
   * @param endpoint asks the payers
   * @param clock tells what has expired
   * @param refusalMemory how long a refusal by a token endpoint stands for all callers before the
   *     endpoint is asked again
   * @param held whether the client is still held for a refusal: where another node has freed it, no
   *     refusal of before stands
   * @param hold has a client held that was refused, and why, before anybody learns of it who would
   *     ask again because it is not held yet
   */
  public Tokens(
      TokenEndpoint endpoint,
      Clock clock,
      Duration refusalMemory,
      Predicate<Payer> held,
      BiConsumer<Payer, String> hold) {
    this.endpoint = endpoint;
    this.clock = clock;
    this.refusalMemory = refusalMemory;
    this.held = held;
    this.hold = hold;
  }

  /**
   * A token that is valid now; waits for the token endpoint where there is none.
   *
   * @throws org.payerexchange.step.TransferException as {@link TokenEndpoint#request}
   */
  public AccessToken get(Payer payer) {
    return shared(payer).get(payer);
  }

  /**
   * A token that is asked for now, whatever the endpoint said before.
   *
   * @throws org.payerexchange.step.TransferException as {@link TokenEndpoint#request}
   */
  public AccessToken renew(Payer payer) {
    SharedToken shared = shared(payer);
    shared.forget();
    return shared.get(payer);
  }

  /**
   * Takes a token out of use that the payer answered with 401. Another token that has taken its
   * place in the meantime stays.
   */
  public void refused(Payer payer, AccessToken token) {
    shared(payer).discard(token);
  }

  private SharedToken shared(Payer payer) {
    return tokens.computeIfAbsent(
        new Key(payer.id(), payer.scope()),
        key -> new SharedToken(endpoint, clock, refusalMemory, held, hold));
  }
}
