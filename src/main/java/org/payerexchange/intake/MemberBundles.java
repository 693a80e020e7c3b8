package org.payerexchange.intake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/**
 * Parameters of PDex 2.2.0 {@code $bulk-member-match}: each {@code MemberBundle} is a record of its
 * own, its parts the parameters. What stands beside the bundles, but for a {@code payer}, which
 * counts for all, is one more record.
 */
final class MemberBundles {
  private static final String BUNDLE = "MemberBundle";

  private MemberBundles() {}

  /** The members' records, none if the object is not such Parameters. */
  static List<ObjectNode> split(ObjectNode content) {
    List<JsonNode> bundles = new ArrayList<>();
    ArrayNode others = JsonObjects.create().arrayNode();
    ArrayNode common = JsonObjects.create().arrayNode();
    for (JsonNode parameter : content.path("parameter")) {
      String name = Blanks.strip(parameter.path("name").asText());
      if (name.equalsIgnoreCase(BUNDLE)) {
        bundles.add(parameter);
      } else if (name.equalsIgnoreCase(IntakeField.PAYER.flatName())) {
        common.add(parameter);
      } else {
        others.add(parameter);
      }
    }
    if (bundles.isEmpty()) {
      return List.of();
    }
    List<ObjectNode> records = new ArrayList<>();
    for (JsonNode bundle : bundles) {
      records.add(record(common, bundle.path("part")));
    }
    if (!others.isEmpty()) {
      records.add(record(common, others));
    }
    return records;
  }

  private static ObjectNode record(ArrayNode common, JsonNode parameters) {
    ObjectNode record = JsonObjects.create().put("resourceType", "Parameters");
    ArrayNode all = record.putArray("parameter").addAll(common);
    parameters.forEach(all::add);
    return record;
  }
}
