package org.payerexchange.auth;

import com.nimbusds.jose.jwk.JWK;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a client has to show who it is. What lies in files is read when it is needed, so that it may
 * be replaced while the process runs.
 *
 * @param secret that it shares with the token endpoint, if there is one
 * @param key signs its assertions
 * @param previousKey signs where the endpoint does not know the key yet
 * @param jku where our public keys are; told in assertions if the endpoint wants it
 * @param audience whom assertions are for; empty: the token endpoint's URL
 * @param certificate whether there is one for TLS
 */
public record Credentials(
    ClientSecret secret,
    Optional<SigningKey> key,
    Optional<SigningKey> previousKey,
    Optional<URI> jku,
    Optional<String> audience,
    boolean certificate) {

  /** All its keys, the one that signs first. */
  public List<SigningKey> keys() {
    return Stream.of(key, previousKey).flatMap(Optional::stream).toList();
  }

  /** The same without a former key whose time is over: it has done its work. */
  public List<SigningKey> keys(Instant now) {
    return Stream.of(key, previousKey(now)).flatMap(Optional::stream).toList();
  }

  /** The same for an endpoint that does not know the key yet. */
  Optional<Credentials> withPreviousKey(Instant now) {
    return previousKey(now)
        .map(
            former ->
                new Credentials(
                    secret, Optional.of(former), Optional.empty(), jku, audience, certificate));
  }

  private Optional<SigningKey> previousKey(Instant now) {
    return previousKey.filter(former -> !former.isOver(now));
  }

  /** The same with the audience that the endpoint gives itself, where none is configured. */
  Credentials forAudience(String endpoint) {
    return new Credentials(
        secret, key, previousKey, jku, audience.or(() -> Optional.of(endpoint)), certificate);
  }

  /**
   * What the key signs with.
   *
   * @return such as {@code RS384}
   * @throws IllegalArgumentException as {@link SigningKey#load}
   */
  public String signingAlgorithm(Instant now) {
    return signingKey(now).getAlgorithm().getName();
  }

  /**
   * The key that signs, as it is now.
   *
   * @throws IllegalArgumentException as {@link SigningKey#load}
   */
  JWK signingKey(Instant now) {
    return key.orElseThrow().load(now);
  }

  /**
   * Reads every file once; a former key may have ended.
   *
   * @return what is wrong with them, one line each
   */
  public List<String> problems(Instant now) {
    Stream<Runnable> reads =
        Stream.concat(
            Stream.of(secret::value), keys(now).stream().map(each -> () -> each.load(now)));
    return reads.flatMap(read -> problem(read).stream()).toList();
  }

  private static Optional<String> problem(Runnable read) {
    try {
      read.run();
      return Optional.empty();
    } catch (IllegalArgumentException unusable) {
      return Optional.of(unusable.getMessage());
    }
  }
}
