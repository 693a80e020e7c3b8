package org.payerexchange.match;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The groups that a {@code $member-match} answer names. The 1upHealth page shows no answer, and
 * HRex 1.2.0 knows no groupId, so that it is looked for wherever a payer may put it: a field {@code
 * groupId}, a parameter or part of that name, a {@code Group/<id>} reference, a Group resource.
 *
 * @param groupIds each id once, in the order of the answer
 */
public record MatchAnswer(List<String> groupIds) {
  private static final String GROUP = "Group/";

  /** An id that may stand in a path; a path's dots are none. */
  private static final String ID = "(?!\\.{1,2}$)[A-Za-z0-9._~-]{1,128}";

  /** Keeps a copy. */
  public MatchAnswer {
    groupIds = List.copyOf(groupIds);
  }

  /** Reads an answer. */
  public static MatchAnswer read(JsonNode answer) {
    Set<String> ids = new LinkedHashSet<>();
    named(answer.path("groupId"), ids);
    resource(answer, ids);
    return new MatchAnswer(new ArrayList<>(ids));
  }

  private static void resource(JsonNode resource, Set<String> ids) {
    if (resource.path("resourceType").asText().equals("Group")) {
      id(resource.path("id").asText(), ids);
    }
    resource.path("parameter").forEach(parameter -> parameter(parameter, ids));
    resource.path("entry").forEach(entry -> resource(entry.path("resource"), ids));
  }

  private static void parameter(JsonNode parameter, Set<String> ids) {
    if (parameter.path("name").asText().equalsIgnoreCase("groupId")) {
      named(parameter.path("valueString"), ids);
      named(parameter.path("valueId"), ids);
      named(parameter.path("valueIdentifier").path("value"), ids);
      named(parameter.path("valueReference").path("reference"), ids);
      named(parameter.path("valueReference").path("identifier").path("value"), ids);
    }
    reference(parameter.path("valueReference").path("reference").asText(), ids);
    resource(parameter.path("resource"), ids);
    parameter.path("part").forEach(part -> parameter(part, ids));
  }

  /** A value that is said to be a groupId: the id, or a reference to the group; one or several. */
  private static void named(JsonNode value, Set<String> ids) {
    if (value.isNull()) {
      return;
    }
    if (value.isArray()) {
      value.forEach(each -> named(each, ids));
    } else if (value.isValueNode() && !value.asText().contains("/")) {
      id(value.asText(), ids);
    } else {
      reference(value.asText(), ids);
    }
  }

  private static void reference(String reference, Set<String> ids) {
    int group = reference.lastIndexOf(GROUP);
    if (group == 0 || (group > 0 && reference.charAt(group - 1) == '/')) {
      String rest = reference.substring(group + GROUP.length());
      int end = rest.indexOf('/');
      id(end < 0 ? rest : rest.substring(0, end), ids);
    }
  }

  private static void id(String id, Set<String> ids) {
    if (id.matches(ID)) {
      ids.add(id);
    }
  }
}
