package org.payerexchange.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutboxTest {
  @TempDir Path folder;

  @Test
  void anOutputFileThatIsNoneOfTheTransfersAnyMoreGoes() throws Exception {
    Outbox outbox = new Outbox(folder.toString(), false);
    Path transfer = Files.createDirectories(folder.resolve("bison").resolve("t-1"));
    for (String name :
        new String[] {
          "Patient-1.ndjson", "Patient-2.ndjson", "undeliverable.ndjson", "manifest.json", ".x"
        }) {
      Files.writeString(transfer.resolve(name), "x");
    }

    outbox.keepOnly("bison", "t-1", Set.of("Patient-1.ndjson"));
    outbox.keepOnly("bison", "t-2", Set.of());

    try (Stream<Path> left = Files.list(transfer)) {
      assertThat(left.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "Patient-1.ndjson", "undeliverable.ndjson", "manifest.json", ".x");
    }
  }
}
