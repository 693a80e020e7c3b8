package org.payerexchange.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A Group of a match answer (PDex, "Multi-Member Match Group").
 *
 * @param id empty where the payer gave none
 * @param kind what the payer says of its members
 * @param members its active members, each once: a reference without a version, or the entity that
 *     stands for one in another way
 * @param isEmpty whether it says that it has none
 */
record MatchGroup(String id, MatchKind kind, Set<String> members, boolean isEmpty) {
  private static final Pattern VERSION = Pattern.compile("/_history/[^/]*$");

  /**
   * Reads one.
   *
   * @param named what the parameter's name says, which goes before the code
   */
  static MatchGroup of(JsonNode group, Optional<MatchKind> named) {
    JsonNode list = group.path("member");
    Set<String> members =
        list.valueStream()
            .filter(member -> !member.path("inactive").asBoolean())
            .map(member -> who(member.path("entity")))
            .collect(Collectors.toSet());
    return new MatchGroup(
        group.path("id").asText(),
        named.orElseGet(() -> coded(group.path("code"))),
        members,
        members.isEmpty() && (list.isArray() || group.path("quantity").asInt(-1) == 0));
  }

  private static String who(JsonNode entity) {
    String reference = entity.path("reference").asText();
    return reference.isEmpty() ? entity.toString() : VERSION.matcher(reference).replaceFirst("");
  }

  boolean hasMembers() {
    return !members.isEmpty();
  }

  /** Codes that contradict each other say nothing that an export could rest on. */
  private static MatchKind coded(JsonNode code) {
    Set<MatchKind> kinds = MatchKind.coded(code);
    kinds.remove(kinds.size() > 1 ? MatchKind.MATCHED : null);
    return kinds.stream().findFirst().orElse(MatchKind.UNSAID);
  }
}
