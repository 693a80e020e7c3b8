package org.payerexchange.auth;

import java.net.URI;
import java.util.Locale;

/**
 * Who we are at a token endpoint (RFC 6749, section 4.4: client credentials), and for whom its
 * tokens are.
 *
 * @param kind what the tokens are for
 * @param name the payer's id, or what the ledger calls the sink
 * @param tokenUrl the OAuth 2.0 token endpoint
 * @param clientId the client's id there
 * @param clientSecret the client's secret there; masked in {@link #toString()}
 * @param tokenAuth how the client shows the token endpoint who it is
 * @param encodeCredentials whether id and secret are form-encoded before they go by HTTP Basic, as
 *     RFC 6749 has it; false for a server that takes them raw
 * @param scope the scope to ask for, as it is meant: {@code member-match|read}
 * @param allowHttp whether the peer may be called without TLS on another machine
 */
public record TokenClient(
    Kind kind,
    String name,
    URI tokenUrl,
    String clientId,
    String clientSecret,
    TokenAuth tokenAuth,
    boolean encodeCredentials,
    String scope,
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
   * Checks what a typing error could have spoilt.
   *
   * @throws IllegalArgumentException naming the key that is wrong
   */
  public TokenClient {
    String keys = kind.keys(name);
    ClearText.requireUrl(keys, "token-url", tokenUrl, allowHttp);
    required(keys, "client-id", clientId);
    required(keys, "client-secret", clientSecret);
    if (tokenAuth == TokenAuth.CLIENT_SECRET_BASIC
        && !encodeCredentials
        && clientId.contains(":")) {
      throw new IllegalArgumentException(
          keys + ".encode-credentials must be true, since client-id holds a colon");
    }
    scope = scope == null ? "" : scope;
  }

  private static void required(String keys, String key, String value) {
    if (value == null || value.isBlank()) {
      throw new IllegalArgumentException("%s.%s is missing".formatted(keys, key));
    }
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
