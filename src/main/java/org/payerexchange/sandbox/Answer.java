package org.payerexchange.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the gateway answers.
 *
 * @param body null for an empty body
 */
record Answer(int status, String contentType, Map<String, String> headers, JsonNode body) {
  static final JsonMapper MAPPER = JsonMapper.builder().addModule(new JavaTimeModule()).build();
  static final String FHIR = "application/fhir+json;charset=utf-8";
  static final String JSON = "application/json;charset=utf-8";

  static Answer fhir(int status, JsonNode body) {
    return new Answer(status, FHIR, Map.of(), body);
  }

  static Answer json(int status, JsonNode body) {
    return new Answer(status, JSON, Map.of(), body);
  }

  Answer with(String name, String value) {
    Map<String, String> more = new TreeMap<>(headers);
    more.put(name, value);
    return new Answer(status, contentType, more, body);
  }
}
