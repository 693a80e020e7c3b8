package org.payerexchange.delivery;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.payerexchange.http.JsonLimits;

/**
 * What a payer's error file says (FHIR Bulk Data Access 2, {@code error}: OperationOutcomes), by
 * severity and code alone: the texts may hold PHI.
 */
final class ErrorFileSummary {
  private static final int MOST_KINDS = 10;
  private static final String CODE = "[a-z]+(-[a-z]+)*";

  private ErrorFileSummary() {}

  /**
   * Sums a file up in one sentence: {@code the payer reports 3 issue(s): error/not-found 2,
   * warning/incomplete 1}.
   *
   * @param file closed at the end
   * @throws IOException if it cannot be read
   */
  static String of(InputStream file) throws IOException {
    Map<String, Long> kinds = new TreeMap<>();
    try (NdjsonLines lines = new NdjsonLines(file)) {
      for (byte[] line = lines.next(); line != null; line = lines.next()) {
        for (String kind : kinds(line)) {
          kinds.merge(
              kinds.size() < MOST_KINDS || kinds.containsKey(kind) ? kind : "other", 1L, Long::sum);
        }
      }
    }
    long issues = kinds.values().stream().mapToLong(Long::longValue).sum();
    return "the payer reports %s issue(s)%s"
        .formatted(
            issues,
            kinds.entrySet().stream()
                .map(kind -> kind.getKey() + " " + kind.getValue())
                .collect(Collectors.joining(", ", issues == 0 ? "" : ": ", "")));
  }

  private static List<String> kinds(byte[] line) throws IOException {
    List<String> kinds = new ArrayList<>();
    try {
      for (JsonNode issue : JsonLimits.mapper().readTree(line).path("issue")) {
        kinds.add(code(issue, "severity") + "/" + code(issue, "code"));
      }
    } catch (JsonProcessingException beyondTheLimits) {
      kinds.add("unreadable");
    }
    return kinds;
  }

  private static String code(JsonNode issue, String field) {
    String code = issue.path(field).asText();
    return code.length() <= 40 && code.matches(CODE) ? code : "unknown";
  }
}
