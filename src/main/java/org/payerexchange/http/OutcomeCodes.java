package org.payerexchange.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;

/** The codes of a FHIR OperationOutcome: all that may be told of it, as its texts may hold PHI. */
public final class OutcomeCodes {
  private static final int MOST_CODES = 5;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Of FHIR's issue types those whose definitions say that another try may succeed. */
  private static final Set<String> PASSING =
      Set.of("transient", "throttled", "timeout", "lock-error");

  private static final Set<String> SEVERE = Set.of("error", "fatal");

  private final boolean outcome;
  private final Set<String> codes = new LinkedHashSet<>();
  private final Set<String> severities = new LinkedHashSet<>();

  private OutcomeCodes(JsonNode answer) {
    this.outcome = answer.path("resourceType").asText().equals("OperationOutcome");
    for (JsonNode issue : answer.path("issue")) {
      String code = issue.path("code").asText();
      if (code.matches("[a-z][a-z-]{0,39}") && codes.size() < MOST_CODES) {
        codes.add(code);
      }
      severities.add(issue.path("severity").asText());
    }
  }

  /** Reads the codes of an answer that may be an OperationOutcome. */
  public static OutcomeCodes of(JsonNode answer) {
    return new OutcomeCodes(answer);
  }

  static OutcomeCodes read(InputStream body) throws IOException {
    try {
      JsonNode answer = JSON.readTree(body);
      return of(answer == null ? MissingNode.getInstance() : answer);
    } catch (JsonProcessingException notJson) {
      return of(MissingNode.getInstance());
    }
  }

  /**
   * Reads the codes.
   *
   * @param body an answer that may be an OperationOutcome
   * @return " (code, code)", or nothing where the body holds none
   */
  public static String in(InputStream body) throws IOException {
    return read(body).text();
  }

  /** " (code, code)", or nothing where there are none. */
  public String text() {
    return codes.isEmpty() ? "" : " (" + String.join(", ", codes) + ")";
  }

  /** Whether it is an OperationOutcome at all. */
  public boolean isOutcome() {
    return outcome;
  }

  /** Whether an issue says that another try may succeed. */
  public boolean mayPass() {
    return !Collections.disjoint(codes, PASSING);
  }

  /** Whether an issue is an error, not only a piece of information or a warning. */
  public boolean isError() {
    return !Collections.disjoint(severities, SEVERE);
  }
}
