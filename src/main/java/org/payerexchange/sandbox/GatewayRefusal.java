package org.payerexchange.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/** An answer of the gateway other than success. Its message never holds what the request held. */
final class GatewayRefusal extends RuntimeException {
  private final transient Answer answer;

  private GatewayRefusal(String message, Answer answer) {
    super(message);
    this.answer = answer;
  }

  Answer answer() {
    return answer;
  }

  /** With a FHIR OperationOutcome. */
  static GatewayRefusal outcome(int status, String code, String text) {
    return outcome(status, code, text, Map.of());
  }

  static GatewayRefusal outcome(int status, String code, String text, Map<String, String> headers) {
    return new GatewayRefusal(
        text, new Answer(status, Answer.FHIR, headers, OperationOutcomes.error(code, text)));
  }

  /** With an OAuth2 error (RFC 6749, section 5.2). */
  static GatewayRefusal oauth(int status, JsonNode body, Map<String, String> headers) {
    return new GatewayRefusal("token refused", new Answer(status, Answer.JSON, headers, body));
  }
}
