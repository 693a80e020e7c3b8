package org.payerexchange.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.payerexchange.step.FailureReason;

/**
 * Reads from an answer which groups to export. The 1upHealth page shows no answer, and HRex 1.2.0
 * knows no groupId, so that it is looked for wherever a payer may put it: a field groupId, a
 * parameter or part of that name, a {@code Group/<id>} reference, a Group that says that it is the
 * matched one. PDex answers with a Group for each outcome; only the matched one may be exported.
 */
final class MatchedGroups {
  private static final String GROUP = "Group/";

  /** An id that may stand in a path; a path's dots are none. */
  private static final String ID = "(?!\\.{1,2}$)[A-Za-z0-9._~-]{1,128}";

  private final Set<String> ids = new LinkedHashSet<>();
  private final List<MatchGroup> groups = new ArrayList<>();
  private final Set<MatchKind> kinds = new HashSet<>();

  /** Those that an answer names. */
  static MatchOutcome in(JsonNode answer) {
    MatchedGroups reader = new MatchedGroups();
    reader.named(answer.path("groupId"));
    reader.resource(answer, Optional.empty());
    return reader.read();
  }

  private MatchOutcome read() {
    boolean nobodyElse = kinds.stream().noneMatch(MatchKind::isNoMatch);
    Set<String> members = new HashSet<>();
    for (MatchGroup group : groups) {
      boolean toExport =
          group.kind() == MatchKind.MATCHED
              && (group.hasMembers() || (nobodyElse && !group.isEmpty()));
      if (toExport) {
        id(group.id());
        members.addAll(group.members());
      }
    }
    groups.stream()
        .filter(group -> group.kind().isNoMatch())
        .forEach(group -> ids.remove(group.id()));
    if (several(members)) {
      return MatchOutcome.none(FailureReason.AMBIGUOUS_MATCH);
    }
    return ids.isEmpty()
        ? new MatchOutcome(List.of(), Optional.empty(), noMatch())
        : MatchOutcome.ofGroups(new ArrayList<>(ids));
  }

  /** One may be named with and without the server's address. */
  private static boolean several(Set<String> members) {
    long withAddress = members.stream().filter(who -> !relative(who).equals(who)).count();
    return withAddress > 1 || members.stream().map(MatchedGroups::relative).distinct().count() > 1;
  }

  private static String relative(String who) {
    int type = who.lastIndexOf('/', who.lastIndexOf('/') - 1);
    return who.startsWith("{") ? who : who.substring(type + 1);
  }

  /** Payers that always send all three Groups have the member in one of them. */
  private Optional<FailureReason> noMatch() {
    boolean constrained = kinds.contains(MatchKind.CONSENT_CONSTRAINED);
    boolean unknown = kinds.contains(MatchKind.NOT_MATCHED);
    if (constrained && (!unknown || holdsMembers(MatchKind.CONSENT_CONSTRAINED))) {
      return Optional.of(FailureReason.CONSENT_CONSTRAINED);
    }
    return constrained || unknown || kinds.contains(MatchKind.MATCHED)
        ? Optional.of(FailureReason.NO_MATCH)
        : Optional.empty();
  }

  private boolean holdsMembers(MatchKind kind) {
    return groups.stream().anyMatch(group -> group.kind() == kind && group.hasMembers());
  }

  private void resource(JsonNode resource, Optional<MatchKind> named) {
    if (resource.path("resourceType").asText().equals("Group")) {
      MatchGroup group = MatchGroup.of(resource, named);
      groups.add(group);
      kinds.add(group.kind());
    }
    resource.path("parameter").forEach(parameter -> parameter(parameter, named));
    resource.path("entry").forEach(entry -> resource(entry.path("resource"), named));
  }

  private void parameter(JsonNode parameter, Optional<MatchKind> above) {
    String name = parameter.path("name").asText();
    Optional<MatchKind> named = MatchKind.named(name).or(() -> above);
    resource(parameter.path("resource"), named);
    parameter.path("part").forEach(part -> parameter(part, named));
    if (named.filter(MatchKind::isNoMatch).isPresent()) {
      kinds.add(named.get());
      return;
    }
    if (name.equalsIgnoreCase("groupId")) {
      named(parameter.path("valueString"));
      named(parameter.path("valueId"));
      named(parameter.path("valueIdentifier").path("value"));
      named(parameter.path("valueReference").path("reference"));
      named(parameter.path("valueReference").path("identifier").path("value"));
    }
    reference(parameter.path("valueReference").path("reference").asText());
  }

  /** A value that is said to be a groupId: the id, or a reference to the group; one or several. */
  private void named(JsonNode value) {
    if (value.isNull()) {
      return;
    }
    if (value.isArray()) {
      value.forEach(this::named);
    } else if (value.isValueNode() && !value.asText().contains("/")) {
      id(value.asText());
    } else {
      reference(value.asText());
    }
  }

  private void reference(String reference) {
    int group = reference.lastIndexOf(GROUP);
    if (group == 0 || (group > 0 && reference.charAt(group - 1) == '/')) {
      String rest = reference.substring(group + GROUP.length());
      int end = rest.indexOf('/');
      id(end < 0 ? rest : rest.substring(0, end));
    }
  }

  private void id(String id) {
    if (id.matches(ID)) {
      ids.add(id);
    }
  }
}
