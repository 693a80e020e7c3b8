package org.payerexchange.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GeneratedContentTest {
  private final Content content =
      new GeneratedContent(
          new GeneratedContent.Template("Observation", new FhirHistory(1).template("Observation")),
          200_000,
          7);

  @Test
  void everyLineIsAResourceWithAnIdOfItsOwn() throws Exception {
    byte[] all = content.read(0, (int) content.length());
    Set<String> ids = new HashSet<>();
    List<String> lines = new String(all, StandardCharsets.UTF_8).lines().toList();
    for (String line : lines) {
      var resource = new ObjectMapper().readTree(line);
      assertThat(resource.path("resourceType").asText()).isEqualTo("Observation");
      ids.add(resource.path("id").asText());
    }
    assertThat(ids).hasSize(lines.size()).contains("load-%012d".formatted(7 * content.resources()));
    assertThat(content.resources()).isEqualTo(lines.size());
    assertThat(content.length()).isBetween(199_000L, 201_000L);
  }

  @Test
  void anyPartIsThePartOfTheWhole() {
    byte[] all = content.read(0, (int) content.length());
    for (int from = 0; from < all.length - 5_000; from += 977) {
      assertThat(content.read(from, 4_321)).isEqualTo(Arrays.copyOfRange(all, from, from + 4_321));
    }
  }
}
