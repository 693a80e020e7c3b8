package org.payerexchange.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What a gateway says of its resources in their {@code meta}.
 *
 * @param subsetted that they are not whole
 * @param labelled who may see them, and what they are
 */
record Marks(boolean subsetted, boolean labelled) {
  private static final String HEADER = "Parameters";

  /**
   * Those that faults want.
   *
   * @param faults tells whether one is due
   */
  static Marks of(Predicate<Fault> faults) {
    return new Marks(faults.test(Fault.SUBSETTED), faults.test(Fault.LABELLED));
  }

  /** A file with its resources marked; one that is never held stays as it is. */
  Content on(Content content) {
    if (!(subsetted || labelled) || content instanceof GeneratedContent) {
      return content;
    }
    String lines =
        new String(content.read(0, (int) content.length()), UTF_8)
            .lines()
            .map(line -> on(HrexPages.read(line)).toString() + '\n')
            .collect(Collectors.joining());
    return new StoredContent(
        content.resourceType(), content.resources(), lines.getBytes(UTF_8), content.mediaType());
  }

  /** A resource marked. */
  JsonNode on(JsonNode resource) {
    if (resource instanceof ObjectNode marked
        && !HEADER.equals(marked.path("resourceType").asText())) {
      if (subsetted) {
        add(
            marked,
            "tag",
            "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
            "SUBSETTED");
      }
      if (labelled) {
        add(marked, "security", "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "R");
        add(marked, "tag", "https://sandbox.example/tags", "of-the-payer");
        marked
            .withObject("/meta")
            .withArray("profile")
            .add("https://sandbox.example/profiles/" + marked.path("resourceType").asText());
      }
    }
    return resource;
  }

  private static void add(ObjectNode resource, String list, String system, String code) {
    resource
        .withObject("/meta")
        .withArray(list)
        .addObject()
        .put("system", system)
        .put("code", code);
  }
}
