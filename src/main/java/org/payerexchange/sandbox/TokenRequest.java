package org.payerexchange.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A request for a token.
 *
 * @param form its fields that have a value
 * @param authorization its header; null without one
 * @param certificate what the client has shown in the TLS handshake
 */
record TokenRequest(
    Map<String, String> form, String authorization, Optional<ClientCertificate> certificate) {

  private static final String BASIC = "Basic ";

  /**
   * Reads it.
   *
   * @param body the form; a request without any field arrives with an empty body instead
   * @throws GatewayRefusal for a field that is there more than once (RFC 6749, section 3.2)
   */
  static TokenRequest of(Object body, String authorization, String certificate) {
    Map<String, String> form = new HashMap<>();
    if (body instanceof Map<?, ?> fields) {
      fields.forEach(
          (name, value) -> {
            if (!(value instanceof String text)) {
              throw refusal(400, "invalid_request", "A field is there more than once");
            }
            if (!text.isEmpty()) {
              form.put(name.toString(), text);
            }
          });
    }
    return new TokenRequest(Map.copyOf(form), authorization, ClientCertificate.told(certificate));
  }

  /** A field's value; empty where it is not there. */
  String field(String name) {
    return form.getOrDefault(name, "");
  }

  /** How the client shows who it is; it may do so in one way alone (RFC 6749, section 2.3). */
  Set<AuthMethod> methods() {
    Set<AuthMethod> methods = EnumSet.noneOf(AuthMethod.class);
    if (isBasic()) {
      methods.add(AuthMethod.CLIENT_SECRET_BASIC);
    }
    if (form.containsKey("client_secret")) {
      methods.add(AuthMethod.CLIENT_SECRET_POST);
    }
    if (form.containsKey("client_assertion") || form.containsKey("client_assertion_type")) {
      methods.add(AuthMethod.PRIVATE_KEY_JWT);
    }
    if (methods.isEmpty() && form.containsKey("client_id")) {
      methods.add(AuthMethod.TLS_CLIENT_AUTH);
    }
    return methods;
  }

  boolean isBasic() {
    return authorization != null && authorization.regionMatches(true, 0, BASIC, 0, BASIC.length());
  }

  /** An OAuth error; where the client came by HTTP Basic, it is told so (RFC 6749, section 5.2). */
  GatewayRefusal refused(String error, String description) {
    return isBasic()
        ? GatewayRefusal.oauth(
            401, body(error, description), Map.of("WWW-Authenticate", "Basic realm=\"sandbox\""))
        : refusal(401, error, description);
  }

  static GatewayRefusal refusal(int status, String error, String description) {
    return GatewayRefusal.oauth(status, body(error, description), Map.of());
  }

  private static JsonNode body(String error, String description) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("error", error)
        .put("error_description", description);
  }
}
