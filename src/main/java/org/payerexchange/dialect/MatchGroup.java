package org.payerexchange.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A Group of a match answer (PDex, "Multi-Member Match Group").
 *
 * @param id empty where the payer gave none
 * @param kind what the payer says of its members
 * @param members whom it refers to, each once
 * @param hasMembers whether it lists any, referred to or not
 * @param isEmpty whether it says that it has none
 */
record MatchGroup(String id, Kind kind, List<String> members, boolean hasMembers, boolean isEmpty) {
  private static final String RESULT_CODES = "PdexMultiMemberMatchResultCS";

  /** What a payer says of the members of a Group. */
  enum Kind {
    MATCHED("MatchedMembers", "match"),
    NOT_MATCHED("NonMatchedMembers", "nomatch"),
    CONSENT_CONSTRAINED("ConsentConstrainedMembers", "consentconstraint"),
    /** Nothing. */
    UNSAID("", "");

    private final String parameter;
    private final String code;

    Kind(String parameter, String code) {
      this.parameter = parameter;
      this.code = code;
    }

    /** By the name of the parameter that holds the Group. */
    static Optional<Kind> named(String parameter) {
      return Arrays.stream(values())
          .filter(kind -> kind != UNSAID && kind.parameter.equalsIgnoreCase(parameter))
          .findFirst();
    }

    boolean isNoMatch() {
      return this == NOT_MATCHED || this == CONSENT_CONSTRAINED;
    }
  }

  /**
   * Reads one.
   *
   * @param named what the parameter's name says, which goes before the code
   */
  static MatchGroup of(JsonNode group, Optional<Kind> named) {
    Set<String> members = new LinkedHashSet<>();
    for (JsonNode member : group.path("member")) {
      String reference = member.path("entity").path("reference").asText();
      if (!reference.isEmpty()) {
        members.add(reference);
      }
    }
    JsonNode list = group.path("member");
    return new MatchGroup(
        group.path("id").asText(),
        named.orElseGet(() -> coded(group.path("code"))),
        List.copyOf(members),
        !list.isEmpty(),
        (list.isArray() && list.isEmpty()) || group.path("quantity").asInt(-1) == 0);
  }

  /** Codes that contradict each other say nothing that an export could rest on. */
  private static Kind coded(JsonNode code) {
    Set<Kind> kinds = EnumSet.noneOf(Kind.class);
    for (JsonNode coding : code.path("coding")) {
      String system = coding.path("system").asText();
      if (system.isEmpty() || system.endsWith(RESULT_CODES)) {
        Arrays.stream(Kind.values())
            .filter(kind -> kind != Kind.UNSAID)
            .filter(kind -> kind.code.equals(coding.path("code").asText()))
            .forEach(kinds::add);
      }
    }
    kinds.remove(kinds.size() > 1 ? Kind.MATCHED : null);
    return kinds.stream().findFirst().orElse(Kind.UNSAID);
  }
}
