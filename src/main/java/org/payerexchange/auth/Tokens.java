package org.payerexchange.auth;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * The access tokens of all peers. However many calls wait for a token, one request is made for it;
 * a token is renewed before it expires, and replaced once it was refused.
 */
public final class Tokens {
  /** For endpoints that do not say how long a token is valid. */
  private static final Duration UNSAID_LIFETIME = Duration.ofMinutes(5);

  /** "For ever" is more seconds than a point in time can have. */
  private static final long LONGEST_LIFETIME_SECONDS = Duration.ofDays(365).toSeconds();

  /** A token is renewed this long before its end, so that it does not expire on its way. */
  private static final Duration LONGEST_MARGIN = Duration.ofSeconds(60);

  /** A renewal that failed is tried again this much later, or when the endpoint says. */
  private static final Duration RENEWAL_PAUSE = Duration.ofSeconds(5);

  private static final int MARGIN_SHARE_OF_LIFETIME = 5;

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
   * A token that is valid now; waits for the token endpoint where there is none, and where it is
   * this call that renews it.
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
    return tokens.computeIfAbsent(client, key -> new SharedToken());
  }

  /** The token of one client. Safe for any number of threads. */
  private final class SharedToken {
    private AccessToken token;
    private String boundTo;
    private TransferException refusal;
    private Instant refusalEnds = Instant.MIN;
    private Instant renewedFrom = Instant.MIN;
    private CompletableFuture<AccessToken> request;

    AccessToken get(TokenClient client) {
      TransferException known = refusal();
      if (known != null) {
        if (held.test(client)) {
          throw again(known);
        }
        forget(known);
      }
      String shown = certificate.apply(client);
      CompletableFuture<AccessToken> shared;
      boolean mine = false;
      synchronized (this) {
        if (!shown.equals(boundTo)) {
          token = null;
        }
        if (isGood() && (request != null || clock.instant().isBefore(renewal()))) {
          return token;
        }
        if (request == null) {
          request = new CompletableFuture<>();
          mine = true;
        }
        shared = request;
      }
      if (mine) {
        ask(client, shown, shared);
      }
      try {
        return shared.join();
      } catch (CompletionException e) {
        throw e.getCause() instanceof TransferException failure ? again(failure) : e;
      }
    }

    private synchronized boolean isGood() {
      return token != null && clock.instant().isBefore(token.expiresAt());
    }

    private synchronized Instant renewal() {
      Instant due = token.expiresAt().minus(margin(token));
      return due.isAfter(renewedFrom) ? due : renewedFrom;
    }

    synchronized void discard(AccessToken refused) {
      if (token != null && token.value().equals(refused.value())) {
        token = null;
      }
    }

    /** The refusal that still stands, or null where there is none. */
    private synchronized TransferException refusal() {
      return clock.instant().isBefore(refusalEnds) ? refusal : null;
    }

    private synchronized void forget(TransferException known) {
      if (refusal == known) {
        refusalEnds = Instant.MIN;
      }
    }

    synchronized void forget() {
      token = null;
      refusalEnds = Instant.MIN;
    }

    private void ask(TokenClient client, String shown, CompletableFuture<AccessToken> shared) {
      try {
        Instant asked = clock.instant();
        AccessToken fresh = read(endpoint.request(client), asked);
        synchronized (this) {
          token = fresh;
          boundTo = shown;
          renewedFrom = Instant.MIN;
          request = null;
        }
        shared.complete(fresh);
      } catch (RuntimeException | Error failure) {
        AccessToken old = stillGood(failure);
        Optional<TransferException> none = old == null ? ofTokens(failure) : Optional.empty();
        none.ifPresent(refused -> hold(client, refused));
        afterFailure(none, pause(failure));
        if (old != null) {
          shared.complete(old);
        } else {
          shared.completeExceptionally(failure);
        }
      }
    }

    private static Optional<TransferException> ofTokens(Throwable failure) {
      return failure instanceof TransferException known && known.reason().isOfTokens()
          ? Optional.of(known)
          : Optional.empty();
    }

    /** Whoever waits for the token does the same, so that it may fail here. */
    private void hold(TokenClient client, TransferException refused) {
      try {
        hold.accept(client, refused);
      } catch (RuntimeException ledgerAway) {
        refused.addSuppressed(ledgerAway);
      }
    }

    /**
     * The old token, or null: a renewal that fails harms nobody before its end, unless the endpoint
     * does not want us any more.
     */
    private synchronized AccessToken stillGood(Throwable failure) {
      boolean refused =
          failure instanceof TransferException known
              && known.reason() == FailureReason.TOKEN_REFUSED;
      return !refused && isGood() ? token : null;
    }

    private static Duration pause(Throwable failure) {
      return Optional.of(failure)
          .filter(TransferException.class::isInstance)
          .map(TransferException.class::cast)
          .flatMap(TransferException::retryAfter)
          .filter(asked -> asked.compareTo(RENEWAL_PAUSE) > 0)
          .orElse(RENEWAL_PAUSE);
    }

    private synchronized void afterFailure(Optional<TransferException> none, Duration pause) {
      request = null;
      renewedFrom = clock.instant().plus(pause);
      if (none.isPresent()) {
        refusal = none.get();
        refusalEnds = clock.instant().plus(refusalMemory);
        token = null;
      }
    }

    private static AccessToken read(TokenAnswer answer, Instant asked) {
      if (answer == null || answer.accessToken() == null) {
        throw new TransferException(
            FailureReason.TOKEN_REFUSED,
            answer == null || answer.error() == null
                ? "the token endpoint's answer holds no access_token that is a text for a header"
                : "the token endpoint refused the client: " + answer.error());
      }
      Duration lifetime =
          answer.expiresIn() == null || answer.expiresIn() <= 0
              ? UNSAID_LIFETIME
              : Duration.ofSeconds(Math.min(answer.expiresIn(), LONGEST_LIFETIME_SECONDS));
      return new AccessToken(answer.accessToken(), asked, lifetime);
    }

    private static Duration margin(AccessToken token) {
      Duration share = token.lifetime().dividedBy(MARGIN_SHARE_OF_LIFETIME);
      return share.compareTo(LONGEST_MARGIN) < 0 ? share : LONGEST_MARGIN;
    }

    /** A new exception for each caller: one is thrown on many threads otherwise. */
    private static TransferException again(TransferException failure) {
      return new TransferException(failure.reason(), failure.getMessage(), failure)
          .withRetryAfter(failure.retryAfter());
    }
  }
}
