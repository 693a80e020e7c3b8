package org.payerexchange.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResourceReaderTest {

  @Test
  void everyLineThatIsNotBlankIsAResource() throws Exception {
    assertThat(read("\uFEFF{\"a\":1}\r\n\n \t\n{\"b\":\"é\"}\n{\"c\":3}", 0, 0))
        .containsExactly(
            new ResourceBatch(1, 1, "{\"a\":1}"),
            new ResourceBatch(2, 2, "{\"b\":\"é\"}"),
            new ResourceBatch(3, 3, "{\"c\":3}"));
  }

  @Test
  void itGoesOnBehindWhatWasDelivered() throws Exception {
    assertThat(read("{\"a\":1}\n{\"b\":2}\n{\"c\":3}\n", 2, 0))
        .containsExactly(new ResourceBatch(3, 3, "{\"c\":3}"));
    assertThat(read("{\"a\":1}\n", 1, 0)).isEmpty();
    assertThat(read("", 0, 0)).isEmpty();
  }

  @Test
  void bundlesHoldAsManyAsConfiguredAndTheLastWhatIsLeft() throws Exception {
    assertThat(read("{\"a\":1}\n{\"b\":2}\n{\"c\":3}\n", 0, 2))
        .containsExactly(
            new ResourceBatch(1, 2, bundle("{\"resource\":{\"a\":1}},{\"resource\":{\"b\":2}}")),
            new ResourceBatch(3, 3, bundle("{\"resource\":{\"c\":3}}")));
  }

  @Test
  void bundlesHoldNoMoreBytesThanConfiguredButForASingleResourceThatHasMore() throws Exception {
    String large = "{\"a\":\"%s\"}".formatted("x".repeat(20));

    assertThat(read("{\"a\":1}\n{\"b\":2}\n{\"c\":3}\n" + large + "\n{\"d\":4}\n", 0, 9, 14))
        .extracting(ResourceBatch::first, ResourceBatch::last)
        .containsExactly(tuple(1L, 2L), tuple(3L, 3L), tuple(4L, 4L), tuple(5L, 5L));
  }

  private static String bundle(String entries) {
    return "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[" + entries + "]}";
  }

  private static List<ResourceBatch> read(String file, long position, int bundleSize)
      throws IOException {
    return read(file, position, bundleSize, Long.MAX_VALUE);
  }

  private static List<ResourceBatch> read(
      String file, long position, int bundleSize, long bundleBytes) throws IOException {
    List<ResourceBatch> batches = new ArrayList<>();
    try (ResourceReader reader =
        new ResourceReader(
            new ByteArrayInputStream(file.getBytes(UTF_8)), position, bundleSize, bundleBytes)) {
      reader.forEachRemaining(batches::add);
    }
    return batches;
  }
}
