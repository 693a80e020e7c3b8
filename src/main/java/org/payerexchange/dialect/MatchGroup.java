package org.payerexchange.dialect;

import com.fasterxml.jackson.databind.JsonNode;
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
record MatchGroup(
    String id, MatchKind kind, List<String> members, boolean hasMembers, boolean isEmpty) {

  /**
   * Reads one.
   *
   * @param named what the parameter's name says, which goes before the code
   */
  static MatchGroup of(JsonNode group, Optional<MatchKind> named) {
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
  private static MatchKind coded(JsonNode code) {
    Set<MatchKind> kinds = MatchKind.coded(code);
    kinds.remove(kinds.size() > 1 ? MatchKind.MATCHED : null);
    return kinds.stream().findFirst().orElse(MatchKind.UNSAID);
  }
}
