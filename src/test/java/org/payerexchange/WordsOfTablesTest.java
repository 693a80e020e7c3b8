package org.payerexchange;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.payerexchange.delivery.OutcomeMessage;
import org.payerexchange.ledger.BatchPhase;
import org.payerexchange.ledger.Recurrence;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.report.Overdue;
import org.payerexchange.step.FailureReason;

/** The tables for operators, and the words that they meet. */
class WordsOfTablesTest {
  private static final Path API = Path.of("src/main/resources/ops-api/openapi.json");
  private static final Pattern METRIC_FILES = Pattern.compile("(Metrics|PayerHttpClients)\\.java$");
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");
  private static final Pattern HEADER = Pattern.compile("setHeader\\(\\s*\"(p2p[A-Za-z]+)\"");
  private static final Pattern METRIC = Pattern.compile("\"(p2p[._][a-z._]+)\"");

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

  @Test
  void thePageAboutTheApiNamesEachOfItsRequests() throws IOException {
    Set<String> requests = new TreeSet<>();
    JsonNode paths = new ObjectMapper().readTree(API.toFile()).path("paths");
    for (Map.Entry<String, JsonNode> path : paths.properties()) {
      path.getValue().properties().stream()
          .map(operation -> operation.getKey().toUpperCase(Locale.ROOT))
          .filter(method -> !method.equals("PARAMETERS"))
          .forEach(method -> requests.add("`%s %s`".formatted(method, path.getKey())));
    }

    assertThat(cells("docs/api.md", "| request | role | what it does |"))
        .containsExactlyInAnyOrderElementsOf(requests);
  }

  @Test
  void thePageAboutOperationsNamesEachMetric() throws IOException {
    Set<String> ours = new TreeSet<>();
    try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
      for (Path file :
          files.filter(each -> METRIC_FILES.matcher(each.toString()).find()).toList()) {
        METRIC.matcher(Files.readString(file)).results().forEach(it -> ours.add(it.group(1)));
      }
    }

    assertThat(
            Files.readString(Path.of("docs/operations.md"))
                .lines()
                .filter(line -> line.startsWith("| `p2p_") && !line.contains("…"))
                .map(line -> line.substring(0, line.indexOf('|', 1)))
                .flatMap(cell -> Pattern.compile("p2p_[a-z_]+").matcher(cell).results())
                .map(MatchResult::group)
                .map(WordsOfTablesTest::withoutUnit))
        .hasSizeGreaterThan(15)
        .containsExactlyInAnyOrderElementsOf(
            ours.stream().map(WordsOfTablesTest::withoutUnit).toList());
  }

  /** Micrometer names units and counters in its own way. */
  private static String withoutUnit(String metric) {
    return metric.replace('.', '_').replaceFirst("_(seconds|total|info)$", "");
  }

  private static List<String> cells(String page, String header) throws IOException {
    return rows(page, header).map(line -> line.split("\\|", 3)[1].strip()).toList();
  }

  private static List<String> names(Enum<?>... words) {
    return Stream.of(words).map(Enum::name).toList();
  }

  @Test
  void thePageAboutTheOutboxTellsEachFieldOfTheManifestAndEachHeaderOfTheOutcome()
      throws IOException {
    assertThat(codes("docs/outbox.md", "| field | what |"))
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(
                    fields("", OutcomeMessage.class),
                    fields("exports.", OutcomeMessage.Export.class),
                    fields("files.", OutcomeMessage.DeliveredFile.class),
                    fields("failure.", OutcomeMessage.Failure.class))
                .flatMap(names -> names)
                .toList());
    String code =
        Files.readString(Path.of("src/main/java/org/payerexchange/delivery/Outcomes.java"));
    assertThat(codes("docs/outbox.md", "| header of the message | what |"))
        .containsExactlyInAnyOrderElementsOf(
            HEADER.matcher(code).results().map(header -> header.group(1)).toList());
  }

  private static Stream<String> fields(String of, Class<? extends Record> type) {
    return Stream.of(type.getRecordComponents()).map(field -> of + field.getName());
  }

  private static List<String> codes(String page, String header) throws IOException {
    return rows(page, header)
        .map(line -> line.substring(0, line.indexOf('|', 1)))
        .flatMap(cell -> CODE.matcher(cell).results())
        .map(code -> code.group(1))
        .toList();
  }

  private static List<String> firstColumn(String page, String header) throws IOException {
    return rows(page, header)
        .map(line -> line.substring(0, line.indexOf('|', 1)))
        .flatMap(cell -> Pattern.compile("[A-Z_]+").matcher(cell).results())
        .map(MatchResult::group)
        .toList();
  }

  private static Stream<String> rows(String page, String header) throws IOException {
    return Files.readString(Path.of(page))
        .lines()
        .dropWhile(line -> !line.equals(header))
        .skip(2)
        .takeWhile(line -> line.startsWith("|"));
  }
}
