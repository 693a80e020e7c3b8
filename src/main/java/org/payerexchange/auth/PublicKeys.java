package org.payerexchange.auth;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The public parts of the keys that sign, for those who check what they signed (RFC 7517). */
public final class PublicKeys {
  private final List<SigningKey> keys;
  private final Clock clock;

  /** Of all these clients, former keys among them. */
  public PublicKeys(Collection<TokenClient> clients, Clock clock) {
    this(clients.stream().flatMap(client -> client.credentials().keys().stream()).toList(), clock);
  }

  /** Of these keys. */
  public PublicKeys(List<SigningKey> keys, Clock clock) {
    this.keys = List.copyOf(keys);
    this.clock = clock;
  }

  /**
   * As a JWK Set, each key once.
   *
   * @throws IllegalArgumentException naming the key of a file that cannot be used
   */
  public Map<String, Object> all() {
    return set(keys.stream().map(key -> key.load(clock.instant())).toList());
  }

  /** The same without those that cannot be used now: whoever has one says so itself. */
  public Map<String, Object> usable() {
    return set(keys.stream().flatMap(key -> usable(key).stream()).toList());
  }

  private Optional<JWK> usable(SigningKey key) {
    try {
      return Optional.of(key.load(clock.instant()));
    } catch (IllegalArgumentException unusable) {
      return Optional.empty();
    }
  }

  /**
   * Whoever gets them all finds each by its {@code kid}, which two must not share. What cannot be
   * used is passed over.
   *
   * @return one line for each key that has the {@code kid} of another one before it
   */
  public List<String> doubles() {
    List<String> doubles = new ArrayList<>();
    Map<String, Map<String, ?>> known = new HashMap<>();
    for (SigningKey key : keys) {
      usable(key)
          .filter(found -> isOfAnother(known, found))
          .ifPresent(
              found ->
                  doubles.add(
                      "%s: another key has its kid '%s' already, give each a key-id of its own"
                          .formatted(key.key(), found.getKeyID())));
    }
    return doubles;
  }

  private static boolean isOfAnother(Map<String, Map<String, ?>> known, JWK found) {
    Map<String, ?> parts = found.getRequiredParams();
    Map<String, ?> before = known.putIfAbsent(found.getKeyID(), parts);
    return before != null && !before.equals(parts);
  }

  private static Map<String, Object> set(List<JWK> keys) {
    return new JWKSet(keys.stream().map(JWK::toPublicJWK).distinct().toList()).toJSONObject(true);
  }
}
