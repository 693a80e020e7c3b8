package org.payerexchange.delivery.fhir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinkPlacesTest {
  private static final int DEPTH = 90;
  private static final int ELEMENTS = 100_000;
  private static final String NAME = "n".repeat(1_000);

  @Test
  void manyElementsBelowLongNamesAreWalkedThroughInNoTime() {
    ObjectNode resource = JsonNodeFactory.instance.objectNode();
    ObjectNode deepest = resource;
    for (int i = 0; i < DEPTH; i++) {
      deepest = deepest.putObject(NAME);
    }
    ArrayNode elements = deepest.putArray("a/b~c");
    for (int i = 0; i < ELEMENTS; i++) {
      elements.add(i);
    }
    elements.addObject().put("reference", "Patient/p");
    List<String> places = new ArrayList<>();

    assertTimeoutPreemptively(
        Duration.ofSeconds(30),
        () -> {
          for (int i = 0; i < 20; i++) {
            LinkPlaces.visit(resource, (holder, field, place) -> places.add(place));
          }
        });

    assertThat(places)
        .hasSize(20)
        .containsOnly(("/" + NAME).repeat(DEPTH) + "/a~1b~0c/" + ELEMENTS + "/reference");
  }
}
