package org.payerexchange.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.UUID;

/** Where the data of an export comes from: a Provenance for the first resource of each file. */
final class Provenances {
  private Provenances() {}

  /** A file with them. */
  static Content of(List<Content> files) {
    return StoredContent.of("Provenance", files.stream().map(Provenances::ofFirst).toList(), true);
  }

  private static ObjectNode ofFirst(Content file) {
    int length = (int) Math.min(Content.CHUNK, file.length());
    JsonNode first =
        HrexPages.read(new String(file.read(0, length), UTF_8).lines().findFirst().orElseThrow());
    String target = first.path("resourceType").asText() + '/' + first.path("id").asText();
    ObjectNode provenance = JsonNodeFactory.instance.objectNode().put("resourceType", "Provenance");
    provenance
        .put("id", UUID.nameUUIDFromBytes(target.getBytes(UTF_8)).toString())
        .put("recorded", "2026-01-01T00:00:00Z");
    provenance.putArray("target").addObject().put("reference", target);
    provenance
        .putArray("agent")
        .addObject()
        .putObject("who")
        .put("display", "The sandbox's own records");
    return provenance;
  }
}
