package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.payerexchange.ledger.TransferState;

/** A machine may write its numbers with other digits, and Karaf's launcher is not ours. */
class AnyLanguageTest extends LedgerTest {
  private final Locale before = Locale.getDefault();

  @BeforeEach
  void speakArabic() {
    Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
  }

  @AfterEach
  void speakAsBefore() {
    Locale.setDefault(before);
  }

  @Test
  void theLedgersStatementsHaveTheDigitsOfSql() {
    assertThat("%d".formatted(500)).isEqualTo("٥٠٠");
    String id = node.ready("bison", 2);
    node.finish();
    node.end();
    new Retention(database, "node-1", Duration.ZERO, Duration.ZERO, Duration.ZERO).removeRequests();

    assertThat(node.transfers.repeat()).isEmpty();
    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.COMPLETE);
  }

  @Test
  void nothingThatIsReadByMachinesIsWrittenInALanguagesDigits() throws IOException {
    List<Path> own = List.of(Path.of("cli"), Path.of("demo"), Path.of("sandbox"));
    Path sources = Path.of("src/main/java/org/payerexchange");
    try (Stream<Path> files = Files.walk(sources)) {
      for (Path file :
          files
              .filter(Files::isRegularFile)
              .filter(file -> own.stream().noneMatch(sources.relativize(file)::startsWith))
              .toList()) {
        assertThat(Files.readString(file))
            .as("%%s has ASCII's digits: %s", file)
            .doesNotContain("%d");
      }
    }
  }
}
