package org.payerexchange.auth;

import java.net.URI;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * Who we are at a token endpoint (RFC 6749, section 4.4: client credentials), and for whom its
 * tokens are.
 *
 * @param kind what the tokens are for
 * @param name the payer's id, or what the ledger calls the sink
 * @param tokenUrl the OAuth 2.0 token endpoint; null where the peer's {@link SmartConfiguration}
 *     tells it
 * @param clientId the client's id there
 * @param credentials what shows that it is the client
 * @param tokenAuth how the client shows the token endpoint who it is
 * @param encodeCredentials whether id and secret are form-encoded before they go by HTTP Basic, as
 *     RFC 6749 has it; false for a server that takes them raw
 * @param scope the scope to ask for, as it is meant: {@code member-match|read}
 * @param extras what the token endpoint wants beside that
 * @param allowHttp whether the peer may be called without TLS on another machine
 */
public record TokenClient(
    Kind kind,
    String name,
    URI tokenUrl,
    String clientId,
    Credentials credentials,
    TokenAuth tokenAuth,
    boolean encodeCredentials,
    String scope,
    TokenExtras extras,
    boolean allowHttp) {

  /** What tokens are for. */
  public enum Kind {
    /** Every call of a payer. */
    PAYER("p2p.payers."),
    /** Every call of a sink. */
    SINK("p2p.deliver.");

    private final String prefix;

    Kind(String prefix) {
      this.prefix = prefix;
    }

    /** {@code payer} or {@code sink}. */
    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** What the configuration keys of one of them begin with: {@code p2p.payers.bison}. */
    public String keys(String name) {
      return prefix + name;
    }
  }

  /**
   * Checks what a typing error could have spoilt, and that there is what the configured way needs.
   *
   * @throws IllegalArgumentException naming the key that is wrong
   */
  public TokenClient {
    String keys = kind.keys(name);
    if (tokenUrl != null) {
      ClearText.requireUrl(keys, "token-url", tokenUrl, allowHttp);
    }
    required(keys, "client-id", !clientId.isBlank());
    switch (tokenAuth) {
      case CLIENT_SECRET_POST, CLIENT_SECRET_BASIC ->
          required(keys, "client-secret", credentials.secret().isSet());
      case PRIVATE_KEY_JWT -> required(keys, "private-key-file", credentials.key().isPresent());
      case TLS_CLIENT_AUTH -> required(keys, "key-store", credentials.certificate());
      case AUTO ->
          required(
              keys,
              "private-key-file, key-store or client-secret",
              credentials.key().isPresent()
                  || credentials.certificate()
                  || credentials.secret().isSet());
    }
    credentials.jku().ifPresent(jku -> ClearText.requireUrl(keys, "jku", jku, allowHttp));
    if (tokenAuth == TokenAuth.CLIENT_SECRET_BASIC
        && !encodeCredentials
        && clientId.contains(":")) {
      throw new IllegalArgumentException(
          keys + ".encode-credentials must be true, since client-id holds a colon");
    }
    scope = scope == null ? "" : scope;
  }

  private static void required(String keys, String key, boolean there) {
    if (!there) {
      throw new IllegalArgumentException("%s.%s is missing".formatted(keys, key));
    }
  }

  /** Whether its peer's {@link SmartConfiguration} says where and how it gets tokens. */
  public boolean isDiscovered() {
    return tokenUrl == null || tokenAuth == TokenAuth.AUTO;
  }

  /**
   * The same once that is known.
   *
   * @param url where it gets tokens
   * @param way how it shows who it is
   * @param endpoint what the token endpoint calls itself, for assertions
   */
  public TokenClient at(URI url, TokenAuth way, String endpoint) {
    return with(url, credentials.forAudience(endpoint), way);
  }

  /** The same with its former key, where one is still good and assertions may be what it shows. */
  public Optional<TokenClient> withPreviousKey(Instant now) {
    return tokenAuth == TokenAuth.PRIVATE_KEY_JWT || tokenAuth == TokenAuth.AUTO
        ? credentials.withPreviousKey(now).map(former -> with(tokenUrl, former, tokenAuth))
        : Optional.empty();
  }

  private TokenClient with(URI url, Credentials others, TokenAuth way) {
    return new TokenClient(
        kind, name, url, clientId, others, way, encodeCredentials, scope, extras, allowHttp);
  }

  /** What its configuration keys begin with: {@code p2p.payers.bison}. */
  public String keys() {
    return kind.keys(name);
  }

  /** For whom its tokens are, in words: {@code payer bison}. */
  public String what() {
    return kind.key() + " " + name;
  }

  /** Nothing of the credentials. */
  @Override
  public String toString() {
    return "TokenClient[%s, %s]".formatted(what(), tokenUrl);
  }
}
