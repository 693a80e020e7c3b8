package org.payerexchange.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLEncoder;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Body;
import org.apache.camel.Header;

/**
 * The token endpoint: OAuth2 client credentials (RFC 6749, section 4.4), the client's id and secret
 * in the form or by HTTP Basic.
 */
public final class TokenServer {
  private final String clientId;
  private final String clientSecret;
  private final Duration lifetime;
  private final Clock clock;
  private final Faults faults;
  private final Map<String, Instant> expiries = new ConcurrentHashMap<>();

  TokenServer(SandboxOptions options, Faults faults) {
    this.faults = faults;
    clientId = options.clientId();
    clientSecret = options.clientSecret();
    lifetime = options.tokenLifetime();
    clock = options.clock();
  }

  /** Answers a token request. */
  public Answer issue(@Body Object body, @Header("Authorization") String authorization) {
    // A request without any form field arrives with an empty body instead of an empty form.
    Map<?, ?> form = body instanceof Map<?, ?> fields ? fields : Map.of();
    if (!"client_credentials".equals(form.get("grant_type"))) {
      throw GatewayRefusal.oauth(400, error("unsupported_grant_type", "Unsupported grant_type"));
    }
    boolean byForm =
        clientId.equals(form.get("client_id")) && clientSecret.equals(form.get("client_secret"));
    if (faults.isDue(Fault.CLIENT_REFUSED)
        || !(isBasic(authorization) || (byForm && !faults.isDue(Fault.BASIC_ONLY)))) {
      throw GatewayRefusal.oauth(
          401, error("invalid_client", "Invalid client or Invalid client credentials"));
    }
    if (!SandboxOptions.SCOPE.equals(form.get("scope"))) {
      throw GatewayRefusal.oauth(400, error("invalid_scope", "Invalid scopes"));
    }
    if (faults.isDue(Fault.TOKEN_EMPTY)) {
      return Answer.json(200, JsonNodeFactory.instance.objectNode());
    }
    String token = UUID.randomUUID().toString();
    expiries.put(token, clock.instant().plus(lifetime));
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

  /** Whether these are the client's id and secret, each form-encoded (RFC 6749, section 2.3.1). */
  private boolean isBasic(String authorization) {
    String credentials =
        URLEncoder.encode(clientId, UTF_8) + ":" + URLEncoder.encode(clientSecret, UTF_8);
    String expected = "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(UTF_8));
    return expected.equals(authorization);
  }

  /**
   * Lets only a good token through.
   *
   * @throws GatewayRefusal 401, where there is none, or it is unknown, or it has expired
   */
  public void check(@Header("Authorization") String authorization) {
    if (!isGood(authorization)) {
      throw GatewayRefusal.outcome(
          401,
          "login",
          "Unauthorized",
          Map.of("WWW-Authenticate", "Bearer error=\"invalid_token\""));
    }
  }

  boolean isGood(String authorization) {
    if (authorization == null || !authorization.startsWith("Bearer ")) {
      return false;
    }
    Instant expiry = expiries.get(authorization.substring("Bearer ".length()));
    return expiry != null && clock.instant().isBefore(expiry);
  }

  /** Ends every token that was given out. */
  void expireAll() {
    expiries.clear();
  }

  private static ObjectNode error(String error, String description) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("error", error)
        .put("error_description", description);
  }
}
