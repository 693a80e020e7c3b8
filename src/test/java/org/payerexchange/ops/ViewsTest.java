package org.payerexchange.ops;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.payerexchange.http.JsonLimits;
import org.payerexchange.ledger.BatchPhase;
import org.payerexchange.ledger.BatchSummary;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.FileState;
import org.payerexchange.ledger.Hold;
import org.payerexchange.ledger.MemberOutcome;
import org.payerexchange.ledger.OpenBatches;
import org.payerexchange.ledger.TransferReport.ReportedFile;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.ledger.store.TransferDetails;
import org.payerexchange.ledger.store.TransferPage;
import org.payerexchange.ledger.store.TransferPart;
import org.payerexchange.ledger.store.TransferSummary;
import org.payerexchange.ops.Operations.PartPage;
import org.payerexchange.ops.Operations.TransferList;
import org.payerexchange.ops.Operations.TransferView;
import org.payerexchange.step.FailureReason;

/** What the API, the page and {@code status} show has the names that users know. */
class ViewsTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00.5Z");
  private static final String[] LINE = {
    "id",
    "payer",
    "status",
    "requestId",
    "batch",
    "source",
    "recordNumber",
    "reason",
    "detail",
    "warnings",
    "receivedAt",
    "updatedAt",
    "finishedAt"
  };
  private static final Hold PAYER =
      new Hold("payer", "bison", NOW, Duration.ZERO, FailureReason.PAYER_BUSY, "it says so", null);
  private static final Hold SINK =
      new Hold("sink", "fhir", NOW, Duration.ZERO, FailureReason.SINK_BUSY, "it says so", null);

  private static final BatchSummary BATCH =
      new BatchSummary(
          "b-1", "bison", BatchPhase.GATHERING, 3, Map.of(MemberOutcome.RECEIVED, 3L), NOW, NOW);

  private static final ReportedFile FILE =
      new ReportedFile(
          1,
          2,
          "Patient-3.ndjson",
          FileKind.OUTPUT,
          "Patient",
          3,
          FileState.STORED,
          4L,
          4L,
          100L,
          "00",
          "stamp",
          NOW,
          FailureReason.FILE_GONE,
          "gone",
          List.of("one"),
          1,
          NOW,
          null,
          null);

  @Test
  void aTransferIsItsLineWithItsListsAndWhatItWaitsFor() {
    JsonNode json =
        json(
            new TransferView(
                details(TransferState.FAILED),
                BATCH,
                List.of(PAYER),
                JsonNodeFactory.instance.objectNode()));

    assertThat(json.fieldNames())
        .toIterable()
        .startsWith(LINE)
        .hasSize(LINE.length + 9)
        .endsWith(
            "jobs",
            "files",
            "deliveries",
            "events",
            "warned",
            "totals",
            "asBatch",
            "held",
            "request");
    assertThat(json.path("status").asText()).isEqualTo("FAILED");
    assertThat(json.path("finishedAt").asText()).isEqualTo("2026-03-01T12:00:00.500Z");
    assertThat(json.path("files").path(0).fieldNames())
        .toIterable()
        .containsExactly(
            "id",
            "jobId",
            "name",
            "kind",
            "resourceType",
            "number",
            "state",
            "expectedCount",
            "resources",
            "bytes",
            "sha256",
            "storedAt",
            "reason",
            "detail",
            "warnings",
            "attempts",
            "dueAt");
    assertThat(json.path("totals").toString()).isEqualTo("{\"files\":2}");
    assertThat(json.path("held").path(0).fieldNames())
        .toIterable()
        .containsExactly("kind", "name", "since", "reason", "detail");
  }

  @Test
  void aPageIsItsTransfersAndWhatTheyWaitFor() {
    TransferSummary transfer = details(TransferState.MATCHED).transfer();
    JsonNode json =
        json(
            new TransferList(
                new TransferPage(List.of(transfer), 3, 151),
                new OpenBatches(List.of(BATCH), 7),
                List.of(SINK)));

    assertThat(json.fieldNames())
        .toIterable()
        .containsExactly("transfers", "page", "total", "batches", "batchesTotal", "held");
    assertThat(json.path("batches").path(0).toString())
        .isEqualTo(
            "{'id':'b-1','payer':'bison','phase':'GATHERING','members':3,'outcomes':{'RECEIVED':3},'openedAt':'2026-03-01T12:00:00.500Z','dueAt':'2026-03-01T12:00:00.500Z'}"
                .replace('\'', '"'));
    assertThat(json.path("transfers").path(0).fieldNames()).toIterable().containsExactly(LINE);
    assertThat(json(new PartPage(Map.of(TransferPart.EVENTS, List.of()), 1, 2)).toString())
        .isEqualTo("{\"events\":[],\"page\":1,\"total\":2}");
  }

  @Test
  void anOpenTransferWaitsForItsPayerAndForTheSinksThatLackSomething() {
    assertThat(details(TransferState.MATCHED).waitsFor(PAYER)).isTrue();
    assertThat(details(TransferState.MATCHED).waitsFor(SINK)).isTrue();
    assertThat(details(TransferState.FAILED).waitsFor(PAYER)).isFalse();
    assertThat(
            details(TransferState.MATCHED)
                .waitsFor(
                    new Hold(
                        "sink", "bison", NOW, Duration.ZERO, FailureReason.SINK_BUSY, "", null)))
        .isFalse();
  }

  private static TransferDetails details(TransferState state) {
    return new TransferDetails(
        new TransferSummary(
            "t-1",
            "bison",
            state,
            "r-1",
            "b-1",
            null,
            null,
            "members.csv",
            1,
            FailureReason.FILE_GONE,
            "gone",
            0,
            NOW,
            NOW,
            NOW,
            null,
            null),
        List.of(),
        List.of(FILE),
        List.of(),
        List.of(),
        List.of(),
        Map.of(TransferPart.FILES, 2L),
        Set.of("fhir"));
  }

  private static JsonNode json(Object view) {
    return JsonLimits.views().valueToTree(view);
  }
}
