package org.payerexchange.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HashTableTest {
  @TempDir Path folder;

  @Test
  void whatWasAddedIsFoundByWhoeverOpensTheFile() throws Exception {
    HashTable table = HashTable.create(folder.resolve("ids"), 1000, 2);
    IntStream.range(0, 1000).forEach(text -> table.number(table.add("text-" + text), 1, text));

    HashTable opened = HashTable.open(folder.resolve("ids"), 2);

    assertThat(IntStream.range(0, 1000))
        .allSatisfy(
            text ->
                assertThat(opened.number(opened.find("text-" + text), 1)).isEqualTo((long) text));
    assertThat(opened.find("text-1000")).isNegative();
  }

  /** Texts that crowd one place in one table are spread over another. */
  @Test
  void nobodyCanChooseWhereATextLies() throws Exception {
    HashTable.create(folder.resolve("one"), 1, 0).add("text");
    HashTable.create(folder.resolve("other"), 1, 0).add("text");

    assertThat(Files.readAllBytes(folder.resolve("one")))
        .isNotEqualTo(Files.readAllBytes(folder.resolve("other")));
    assertThat(slot(folder.resolve("one"))).isNotEqualTo(slot(folder.resolve("other")));
  }

  private static String slot(Path table) throws Exception {
    byte[] bytes = Files.readAllBytes(table);
    return new String(bytes, 16, bytes.length - 16, java.nio.charset.StandardCharsets.ISO_8859_1);
  }
}
