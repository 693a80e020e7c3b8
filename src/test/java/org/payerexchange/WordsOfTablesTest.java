package org.payerexchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.payerexchange.ledger.BatchPhase;
import org.payerexchange.ledger.Recurrence;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.report.Overdue;
import org.payerexchange.step.FailureReason;

/** The tables for operators, and the words that they meet. */
class WordsOfTablesTest {
  @Test
  void thePageAboutStatesSaysWhatToDoAboutEveryReason() throws IOException {
    assertThat(firstColumn("docs/states.md", "| reason | what to do |"))
        .containsExactlyInAnyOrderElementsOf(names(FailureReason.values()));
  }

  @Test
  void thePageAboutStatesSaysWhatEachStatusOfATransferMeans() throws IOException {
    assertThat(firstColumn("docs/states.md", "| status | the transfer |"))
        .containsExactlyInAnyOrderElementsOf(names(TransferState.values()));
  }

  @Test
  void thePageAboutBatchesSaysWhatEachPhaseMeans() throws IOException {
    assertThat(firstColumn("docs/pdex.md", "| a batch is | while |"))
        .containsExactlyInAnyOrderElementsOf(names(BatchPhase.values()));
  }

  @Test
  void thePageAboutRecurringRequestsSaysWhatEachStateMeans() throws IOException {
    assertThat(firstColumn("docs/recurring.md", "| state | the request |"))
        .containsExactlyInAnyOrderElementsOf(names(Recurrence.State.values()));
  }

  @Test
  void thePageAboutTheReportSaysWhatIsOverdue() throws IOException {
    assertThat(firstColumn("docs/report.md", "| overdue | means |"))
        .containsExactlyInAnyOrderElementsOf(names(Overdue.values()));
  }

  private static List<String> names(Enum<?>... words) {
    return Stream.of(words).map(Enum::name).toList();
  }

  private static List<String> firstColumn(String page, String header) throws IOException {
    return Files.readString(Path.of(page))
        .lines()
        .dropWhile(line -> !line.equals(header))
        .skip(2)
        .takeWhile(line -> line.startsWith("|"))
        .map(line -> line.substring(0, line.indexOf('|', 1)))
        .flatMap(cell -> Pattern.compile("[A-Z_]+").matcher(cell).results())
        .map(MatchResult::group)
        .toList();
  }
}
