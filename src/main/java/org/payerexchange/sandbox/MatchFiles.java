package org.payerexchange.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The files that a bulk match's manifest names. */
final class MatchFiles {
  private final ResultFile file;

  MatchFiles(ResultFile file) {
    this.file = file;
  }

  /** Those of an answer of this form; none where it has no manifest. */
  List<Content> of(MatchForm form, List<ObjectNode> groups, ObjectNode parameters) {
    return switch (form) {
      case GROUPS -> groups(groups);
      case GROUP_FILES -> each(groups);
      case PARAMETERS -> List.of(parameters(parameters));
      case GROUPS_AND_PARAMETERS -> {
        List<Content> both = new ArrayList<>(groups(groups));
        both.add(parameters(parameters));
        yield both;
      }
      case BODY, AT_ONCE, AS_ASKED -> List.of();
    };
  }

  private List<Content> groups(List<ObjectNode> groups) {
    return file == ResultFile.PRETTY
        ? each(groups)
        : List.of(content("Group", groups, Content.NDJSON));
  }

  private List<Content> each(List<ObjectNode> groups) {
    return groups.stream().map(group -> content("Group", List.of(group), Content.NDJSON)).toList();
  }

  private Content parameters(ObjectNode parameters) {
    return content("Parameters", List.of(parameters), "application/fhir+json");
  }

  /**
   * @param kept the media type of the Binary that it is kept in
   */
  private Content content(String type, List<ObjectNode> resources, String kept) {
    return switch (file) {
      case NDJSON -> StoredContent.of(type, resources, true);
      case PRETTY -> new StoredContent(type, 1, resources.get(0).toPrettyString().getBytes(UTF_8));
      case BINARY, AS_ACCEPTED ->
          new BinaryContent(
              new StoredContent(
                  type,
                  resources.size(),
                  resources.stream()
                      .map(ObjectNode::toString)
                      .collect(Collectors.joining("\n", "", "\n"))
                      .getBytes(UTF_8),
                  kept),
              file == ResultFile.BINARY);
    };
  }
}
