package org.payerexchange.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The table of keys, beside the configuration and the code. */
class KeysPageTest {
  @Test
  void thePageIsMadeOfTheConfiguration() throws IOException {
    assertThat(Files.readString(KeysPage.PAGE)).as("make keys").isEqualTo(KeysPage.text());
  }

  @Test
  void everyKeySaysWhatItIsFor() throws IOException {
    for (String file : List.of("application.properties", "payers.properties")) {
      assertThat(KeysPage.keys(Path.of("config", file)))
          .hasSizeGreaterThan(50)
          .noneMatch(key -> key.comment().isEmpty());
    }
  }

  @Test
  void theKeysOfAPayerAreThoseThatTheCodeKnows() throws IOException {
    assertThat(
            KeysPage.keys(Path.of("config/payers.properties")).stream()
                .map(key -> key.name().replaceFirst("p2p\\.payers\\.[a-z]+\\.", ""))
                .collect(Collectors.toSet()))
        .isEqualTo(SettingsCheck.OF_A_PAYER);
  }
}
