package org.payerexchange.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.AggregationStrategy;
import org.apache.camel.Exchange;
import org.payerexchange.auth.SmartConfiguration;
import org.payerexchange.auth.TokenAuth;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.payer.DiscoveryPeer;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * Where peers give tokens, and how clients show who they are, as they say themselves: read before
 * the first token, kept for as long as they allow, and read again once the endpoint gives none.
 */
public final class SmartConfigurations implements AggregationStrategy {
  /** For servers that do not say how long it stays so. */
  private static final Duration UNSAID_LIFETIME = Duration.ofHours(1);

  private static final long LONGEST_LIFETIME_SECONDS = Duration.ofDays(1).toSeconds();
  private static final Pattern MAX_AGE = Pattern.compile("(?i)\\bmax-age\\s*=\\s*\"?(\\d{1,9})");
  private static final Pattern NOT_KEPT = Pattern.compile("(?i)\\bno-(store|cache)\\b");

  private final Function<TokenClient, DiscoveryPeer> peers;
  private final Clock clock;
  private final Map<String, Kept> kept = new ConcurrentHashMap<>();

  /** What was read, and until when it counts. */
  private record Kept(SmartConfiguration configuration, Instant end) {}

  /**
   * The bean {@code smartConfigurations}.
   *
   * @param peers who tells where a client gets its tokens
   * @param clock tells for how long it counts
   */
  public SmartConfigurations(Function<TokenClient, DiscoveryPeer> peers, Clock clock) {
    this.peers = peers;
    this.clock = clock;
  }

  /** Whether it has to be read before this client can ask for a token. */
  public boolean isNeeded(TokenClient client) {
    Kept known = kept.get(client.keys());
    return client.isDiscovered() && (known == null || !clock.instant().isBefore(known.end()));
  }

  /** The request for it, without a token. */
  public PayerRequest request(TokenClient client) {
    DiscoveryPeer peer = peers.apply(client);
    return new PayerRequest(
        RequestKind.TOKEN,
        peer,
        "GET",
        peer.url(),
        false,
        Map.of("Accept", "application/json"),
        null,
        null,
        PayerRequest.WHOLE,
        false,
        false);
  }

  /**
   * Reads it.
   *
   * @throws TransferException {@link FailureReason#BAD_ANSWER} if it is no JSON object
   */
  public SmartConfiguration read(InputStream body) throws IOException {
    try {
      var json = JsonLimits.mapper().readTree(body);
      if (json.isObject()) {
        return SmartConfiguration.of(json);
      }
    } catch (JsonProcessingException unreadable) {
      // a page, as a rule
    }
    throw new TransferException(
        FailureReason.BAD_ANSWER, ".well-known/smart-configuration is no JSON object");
  }

  /** Keeps what {@code enrich} has read for the client whose token request waits for it. */
  @Override
  public Exchange aggregate(Exchange request, Exchange provided) {
    TokenClient client = request.getMessage().getBody(TokenClient.class);
    kept.put(
        client.keys(),
        new Kept(
            provided.getMessage().getBody(SmartConfiguration.class),
            clock
                .instant()
                .plus(lifetime(provided.getMessage().getHeader("Cache-Control", String.class)))));
    return request;
  }

  /** It is read before each token where it must not be kept: tokens live for minutes. */
  private static Duration lifetime(String cacheControl) {
    String said = cacheControl == null ? "" : cacheControl;
    if (NOT_KEPT.matcher(said).find()) {
      return Duration.ZERO;
    }
    Matcher age = MAX_AGE.matcher(said);
    return age.find()
        ? Duration.ofSeconds(Math.min(Long.parseLong(age.group(1)), LONGEST_LIFETIME_SECONDS))
        : UNSAID_LIFETIME;
  }

  /** Has it read again before the next token. */
  public void forget(TokenClient client) {
    kept.remove(client.keys());
  }

  /**
   * The client as it asks for a token.
   *
   * @throws TransferException {@link FailureReason#TOKEN_REFUSED} or {@link
   *     FailureReason#FOREIGN_HOST} if its peer names no token endpoint that it may ask, or takes
   *     it in no way that it has, {@link FailureReason#CREDENTIALS_UNUSABLE} if its key signs with
   *     what the peer does not take
   */
  public TokenClient applied(TokenClient client) {
    if (!client.isDiscovered()) {
      return client;
    }
    SmartConfiguration known = known(client);
    TokenAuth way = known.way(client);
    if (way == TokenAuth.PRIVATE_KEY_JWT) {
      requireAlgorithm(client, known);
    }
    if (client.tokenUrl() != null) {
      return client.at(client.tokenUrl(), way, client.tokenUrl().toString());
    }
    DiscoveryPeer peer = peers.apply(client);
    String plain = known.tokenEndpoint().orElseThrow(() -> nowhere(peer));
    String called =
        client.credentials().certificate() ? known.tlsTokenEndpoint().orElse(plain) : plain;
    return client.at(peer.resolve(called), way, ownName(peer, plain));
  }

  private SmartConfiguration known(TokenClient client) {
    Kept known = kept.get(client.keys());
    if (known == null) {
      throw new TransferException(
          FailureReason.PAYER_UNAVAILABLE,
          "%s's smart-configuration is to be read again first".formatted(client.what()));
    }
    return known.configuration();
  }

  private void requireAlgorithm(TokenClient client, SmartConfiguration known) {
    String own = client.credentials().signingAlgorithm(clock.instant());
    if (!known.takes(own)) {
      throw new TransferException(
          FailureReason.CREDENTIALS_UNUSABLE,
          "%s takes assertions signed with %s, and the key of %s.private-key-file signs with %s"
              .formatted(client.what(), String.join(", ", known.algorithms()), client.keys(), own));
    }
  }

  /**
   * To the letter as the server writes it, wherever it is called; never another host's, which would
   * take the assertion for its own.
   */
  private static String ownName(DiscoveryPeer peer, String endpoint) {
    String resolved = peer.resolve(endpoint).toString();
    return endpoint.contains("://") ? endpoint : resolved;
  }

  private static TransferException nowhere(DiscoveryPeer peer) {
    return new TransferException(
        FailureReason.TOKEN_REFUSED,
        "%s names no token_endpoint: set %s.token-url"
            .formatted(peer.what(), peer.client().keys()));
  }
}
