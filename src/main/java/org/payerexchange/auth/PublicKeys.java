package org.payerexchange.auth;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

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
    List<JWK> usable = new ArrayList<>();
    for (SigningKey key : keys) {
      try {
        usable.add(key.load(clock.instant()));
      } catch (IllegalArgumentException unusable) {
        // the others are needed all the same
      }
    }
    return set(usable);
  }

  private static Map<String, Object> set(List<JWK> keys) {
    return new JWKSet(keys.stream().map(JWK::toPublicJWK).distinct().toList()).toJSONObject(true);
  }
}
