package org.payerexchange.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The codes of a FHIR OperationOutcome and of the server's own errors ({@code HAPI-1158}): all that
 * may be told of it, as its texts may hold PHI.
 */
public final class OutcomeCodes {
  private static final int MOST_CODES = 5;
  private static final Pattern CODE = Pattern.compile("[a-z][a-z-]{0,39}");
  private static final Pattern OWN_CODE = Pattern.compile("([A-Z]{2,8}-\\d{3,5}): ");

  /** Of FHIR's issue types those whose definitions say that another try may succeed. */
  private static final Set<String> PASSING =
      Set.of("transient", "throttled", "timeout", "lock-error");

  private static final Set<String> SEVERE = Set.of("error", "fatal");

  private final boolean outcome;
  private final Set<String> codes = new LinkedHashSet<>();
  private final Set<String> severities = new LinkedHashSet<>();

  private OutcomeCodes(JsonNode answer, String sent) {
    this.outcome = answer.path("resourceType").asText().equals("OperationOutcome");
    for (JsonNode issue : answer.path("issue")) {
      String code = issue.path("code").asText();
      if (CODE.matcher(code).matches() && codes.size() < MOST_CODES) {
        codes.add(code);
      }
      Matcher own = OWN_CODE.matcher(issue.path("diagnostics").asText());
      if (own.lookingAt()
          && codes.size() < MOST_CODES
          && (sent == null || !sent.contains(own.group(1)))) {
        codes.add(own.group(1));
      }
      severities.add(issue.path("severity").asText());
    }
  }

  /** Reads the codes of an answer that may be an OperationOutcome. */
  public static OutcomeCodes of(JsonNode answer) {
    return new OutcomeCodes(answer, null);
  }

  static OutcomeCodes read(InputStream body, String sent) throws IOException {
    try {
      JsonNode answer = JsonLimits.mapper().readTree(body);
      return new OutcomeCodes(answer == null ? MissingNode.getInstance() : answer, sent);
    } catch (JsonProcessingException notJson) {
      return of(MissingNode.getInstance());
    }
  }

  /**
   * Reads the codes.
   *
   * @param body an answer that may be an OperationOutcome
   * @param sent what was sent, null for nothing: a code that stands in it may be a member's id
   * @return " (code, code)", or nothing where the body holds none
   */
  public static String in(InputStream body, String sent) throws IOException {
    return read(body, sent).text();
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

  /** Whether an issue has this code. */
  public boolean has(String code) {
    return codes.contains(code);
  }

  /** Whether an issue is an error, not only a piece of information or a warning. */
  public boolean isError() {
    return !Collections.disjoint(severities, SEVERE);
  }
}
