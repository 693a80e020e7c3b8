package org.payerexchange.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashSet;
import java.util.Set;

/** The codes of a FHIR OperationOutcome: all that may be told of it, as its texts may hold PHI. */
public final class OutcomeCodes {
  private static final int MOST_CODES = 5;
  private static final ObjectMapper JSON = new ObjectMapper();

  private OutcomeCodes() {}

  /**
   * Reads the codes.
   *
   * @param body an answer that may be an OperationOutcome
   * @return " (code, code)", or nothing where the body holds none
   */
  public static String in(InputStream body) throws IOException {
    JsonNode outcome;
    try {
      outcome = JSON.readTree(body);
    } catch (JsonProcessingException notJson) {
      return "";
    }
    Set<String> codes = new LinkedHashSet<>();
    for (JsonNode issue : outcome.path("issue")) {
      String code = issue.path("code").asText();
      if (code.matches("[a-z][a-z-]{0,39}") && codes.size() < MOST_CODES) {
        codes.add(code);
      }
    }
    return codes.isEmpty() ? "" : " (" + String.join(", ", codes) + ")";
  }
}
