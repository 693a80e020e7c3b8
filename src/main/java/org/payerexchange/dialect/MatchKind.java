package org.payerexchange.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What a payer says of the members of a Group that a match answered (PDex). */
public enum MatchKind {
  /** It knows them, and their consent holds. */
  MATCHED("MatchedMembers", "match"),
  /** It does not know them. */
  NOT_MATCHED("NonMatchedMembers", "nomatch"),
  /** It knows them, and cannot do what their consent asks for. */
  CONSENT_CONSTRAINED("ConsentConstrainedMembers", "consentconstraint"),
  /** Nothing, or nothing that an export could rest on. */
  UNSAID("", "");

  private static final String RESULT_CODES = "PdexMultiMemberMatchResultCS";

  private final String parameter;
  private final String code;

  MatchKind(String parameter, String code) {
    this.parameter = parameter;
    this.code = code;
  }

  /** By the name of the parameter that holds the Group. */
  public static Optional<MatchKind> named(String parameter) {
    return said().filter(kind -> kind.parameter.equalsIgnoreCase(parameter)).findFirst();
  }

  /**
   * By the Group's code: one, several that contradict each other, or none.
   *
   * @param concept a CodeableConcept; codes of other systems say nothing here
   */
  public static Set<MatchKind> coded(JsonNode concept) {
    Set<MatchKind> kinds = EnumSet.noneOf(MatchKind.class);
    for (JsonNode coding : concept.path("coding")) {
      String system = coding.path("system").asText().strip();
      String code = coding.path("code").asText().strip();
      if (system.isEmpty() || system.endsWith(RESULT_CODES)) {
        said().filter(kind -> kind.code.equals(code)).forEach(kinds::add);
      }
    }
    return kinds;
  }

  /** Whether nothing is to be had of these members. */
  public boolean isNoMatch() {
    return this == NOT_MATCHED || this == CONSENT_CONSTRAINED;
  }

  private static Stream<MatchKind> said() {
    return Arrays.stream(values()).filter(kind -> kind != UNSAID);
  }
}
