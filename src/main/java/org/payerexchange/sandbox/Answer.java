package org.payerexchange.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/**
 * What the gateway answers.
 *
 * @param body null for an empty body
 */
record Answer(int status, String contentType, Map<String, String> headers, JsonNode body) {
  static final String FHIR = "application/fhir+json;charset=utf-8";
  static final String JSON = "application/json;charset=utf-8";

  static Answer fhir(int status, JsonNode body) {
    return new Answer(status, FHIR, Map.of(), body);
  }

  static Answer json(int status, JsonNode body) {
    return new Answer(status, JSON, Map.of(), body);
  }

  Answer with(String name, String value) {
    Map<String, String> more = new java.util.TreeMap<>(headers);
    more.put(name, value);
    return new Answer(status, contentType, more, body);
  }
}
