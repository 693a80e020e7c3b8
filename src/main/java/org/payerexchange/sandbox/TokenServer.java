package org.payerexchange.sandbox;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Body;
import org.apache.camel.Header;

/**
 * The token endpoint: OAuth2 client credentials (RFC 6749, section 4.4). A token that was asked for
 * with a certificate is bound to it.
 */
public final class TokenServer {
  private final ClientCheck clients;
  private final Duration lifetime;
  private final Clock clock;
  private final Faults faults;
  private final RequestLog log;
  private final Map<String, Grant> grants = new ConcurrentHashMap<>();

  TokenServer(SandboxOptions options, Faults faults, RequestLog log, ClientCheck clients) {
    this.log = log;
    this.faults = faults;
    this.clients = clients;
    lifetime = options.tokenLifetime();
    clock = options.clock();
  }

  /** Answers a token request. */
  public Answer issue(
      @Body Object body,
      @Header("Authorization") String authorization,
      @Header(ClientCertificate.HEADER) String certificate) {
    TokenRequest request = TokenRequest.of(body, authorization, certificate);
    if (!"client_credentials".equals(request.field("grant_type"))) {
      throw TokenRequest.refusal(400, "unsupported_grant_type", "Unsupported grant_type");
    }
    AuthMethod method = clients.require(request);
    if (!SandboxOptions.SCOPE.equals(request.field("scope"))) {
      throw TokenRequest.refusal(400, "invalid_scope", "Invalid scopes");
    }
    if (faults.isDue(Fault.TOKEN_EMPTY)) {
      return Answer.json(200, JsonNodeFactory.instance.objectNode());
    }
    log.granted(method);
    String token = UUID.randomUUID().toString();
    grants.put(
        token,
        new Grant(
            clock.instant().plus(lifetime),
            request.certificate().map(ClientCertificate::thumbprint)));
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    answer
        .put("access_token", token)
        .put("expires_in", lifetime.toSeconds())
        .put("refresh_expires_in", 0)
        .put("token_type", "Bearer")
        .put("not-before-policy", 0)
        .put("scope", SandboxOptions.SCOPE);
    if (faults.isDue(Fault.ODD_TOKENS)) {
      answer
          .put("expires_in", lifetime.toSeconds() + " seconds")
          .put("token_type", "bearer ")
          .putNull("scope");
    }
    return Answer.json(200, answer).with("Cache-Control", "no-store");
  }

  /**
   * Lets only a good token through.
   *
   * @throws GatewayRefusal 401, where there is none, or it is unknown, or it has expired, or it is
   *     bound to another certificate than the one shown (RFC 8705, section 3)
   */
  public void check(
      @Header("Authorization") String authorization,
      @Header(ClientCertificate.HEADER) String certificate) {
    if (!isGood(authorization, certificate)) {
      throw GatewayRefusal.outcome(
          401,
          "login",
          "Unauthorized",
          Map.of("WWW-Authenticate", "Bearer error=\"invalid_token\""));
    }
  }

  boolean isGood(String authorization, String certificate) {
    if (authorization == null || !authorization.startsWith("Bearer ")) {
      return false;
    }
    Grant grant = grants.get(authorization.substring("Bearer ".length()));
    return grant != null
        && clock.instant().isBefore(grant.expiry())
        && (grant.certificate().isEmpty()
            || grant
                .certificate()
                .equals(ClientCertificate.told(certificate).map(ClientCertificate::thumbprint)));
  }

  /** Ends every token that was given out. */
  void expireAll() {
    grants.clear();
  }

  /**
   * What a token is good for.
   *
   * @param certificate the thumbprint of the one that it is bound to, if any
   */
  private record Grant(Instant expiry, Optional<String> certificate) {}
}
