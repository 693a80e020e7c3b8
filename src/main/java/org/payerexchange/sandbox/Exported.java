package org.payerexchange.sandbox;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the export of each group holds: a member's synthetic history, or files of the load's shape.
 */
final class Exported {
  private static final int RESOURCES_PER_FILE = 12;

  private static final int MOST_PATIENTS = 10;

  private final FhirHistory history;
  private final LoadShape load;
  private final List<GeneratedContent.Template> templates;
  private final Map<String, List<Content>> files = new ConcurrentHashMap<>();

  Exported(long seed, LoadShape load) {
    this.history = new FhirHistory(seed);
    this.load = load;
    this.templates =
        FhirHistory.TYPES.stream()
            .map(type -> new GeneratedContent.Template(type, history.template(type)))
            .toList();
  }

  List<Content> of(Member member, String groupId) {
    if (Members.isLoadGroup(groupId)) {
      return generated(Integer.parseInt(groupId.substring("load-".length())));
    }
    if (member.scenario() == Scenario.EMPTY) {
      return List.of();
    }
    return files.computeIfAbsent(member.tenant() + '/' + groupId, key -> stored(member, groupId));
  }

  private List<Content> stored(Member member, String groupId) {
    List<Content> contents = new ArrayList<>();
    history
        .of(member, groupId)
        .forEach(
            (type, resources) -> {
              for (int from = 0; from < resources.size(); from += RESOURCES_PER_FILE) {
                int to = Math.min(from + RESOURCES_PER_FILE, resources.size());
                contents.add(
                    StoredContent.of(type, resources.subList(from, to), !member.chunked()));
              }
            });
    return List.copyOf(contents);
  }

  private List<Content> generated(int number) {
    int count = number == 0 ? load.filesOfFirst() : load.files();
    long before = number == 0 ? 0 : load.filesOfFirst() + (number - 1L) * load.files();
    List<Content> contents = new ArrayList<>(count);
    for (int file = 0; file < count; file++) {
      contents.add(new GeneratedContent(template(file), load.bytesPerFile(), before + file));
    }
    return contents;
  }

  /** Nobody is more Patients than a few: of a large file it is the next type's. */
  private GeneratedContent.Template template(int file) {
    GeneratedContent.Template template = templates.get(file % templates.size());
    return template.resourceType().equals("Patient")
            && template.resources(load.bytesPerFile()) > MOST_PATIENTS
        ? templates.get((file + 1) % templates.size())
        : template;
  }
}
