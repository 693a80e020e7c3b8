package org.payerexchange.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** What both operations of PDex ask of a request before they look into it. */
final class FhirOperation {
  private final SandboxOptions options;

  FhirOperation(SandboxOptions options) {
    this.options = options;
  }

  /**
   * Reads the Parameters of a request.
   *
   * @param headers of the request, {@code tenant} among them
   * @throws GatewayRefusal 404 for an unknown tenant, 400 without {@code Prefer: respond-async}, a
   *     header that is required, or Parameters with at least one parameter, 413 for a body that is
   *     too long, 415 for one of another type
   */
  JsonNode parameters(Map<String, Object> headers, byte[] body) {
    requireTenant(headers.get("tenant"));
    for (String name : options.pdex().requiredHeaders()) {
      if (!headers.containsKey(name)) {
        throw GatewayRefusal.outcome(400, "required", "The header %s is missing".formatted(name));
      }
    }
    if (!prefers(headers).toList().contains("respond-async")) {
      throw GatewayRefusal.outcome(400, "required", "Prefer: respond-async is missing");
    }
    return resource(headers, body);
  }

  /**
   * Reads the Parameters of a request that is answered at once.
   *
   * @throws GatewayRefusal as {@link #parameters}, but for the headers
   */
  JsonNode resource(Map<String, Object> headers, byte[] body) {
    requireTenant(headers.get("tenant"));
    String type = text(headers.get("Content-Type"));
    if (!type.split(";", 2)[0].strip().equalsIgnoreCase("application/fhir+json")) {
      throw GatewayRefusal.outcome(
          415, "not-supported", "Content-Type must be application/fhir+json");
    }
    if (body != null && body.length > options.pdex().maxBytes()) {
      throw GatewayRefusal.outcome(413, "too-long", "The request is too long");
    }
    JsonNode parameters = parsed(body);
    if (parameters.path("parameter").isEmpty()) {
      throw GatewayRefusal.outcome(400, "invalid", "There must be a parameter");
    }
    return parameters;
  }

  /**
   * Lets only the tenants of the sandbox through.
   *
   * @throws GatewayRefusal 404 for any other
   */
  void requireTenant(Object tenant) {
    if (!options.tenants().contains(text(tenant))) {
      throw GatewayRefusal.outcome(404, "not-found", "Unknown tenant");
    }
  }

  /** What the request prefers, in small letters. */
  static Stream<String> prefers(Map<String, Object> headers) {
    Object prefer = headers.get("Prefer");
    return (prefer instanceof List<?> lines ? lines : List.of(text(prefer)))
        .stream()
            .flatMap(line -> Arrays.stream(line.toString().split(",", -1)))
            .map(preference -> preference.strip().toLowerCase(Locale.ROOT));
  }

  /** A header as text; empty where it is not there. */
  static String text(Object header) {
    return header == null ? "" : header.toString();
  }

  static Stream<JsonNode> elements(JsonNode array) {
    return array.valueStream();
  }

  /**
   * Reads Parameters.
   *
   * @throws GatewayRefusal 400 for what is none
   */
  static JsonNode parsed(byte[] body) {
    JsonNode parameters;
    try {
      parameters = Answer.MAPPER.readTree(body == null ? new byte[0] : body);
    } catch (IOException e) {
      throw GatewayRefusal.outcome(400, "invalid", "The request is not JSON");
    }
    if (!"Parameters".equals(parameters.path("resourceType").asText())) {
      throw GatewayRefusal.outcome(400, "invalid", "resourceType must be Parameters");
    }
    return parameters;
  }
}
