package org.payerexchange.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class TablesTest {

  @Test
  void whatIsToBeKnownAboutATransferStandsInWordsWhereItBelongs() throws Exception {
    StringWriter text = new StringWriter();
    try (PrintWriter out = new PrintWriter(text)) {
      Tables.transfer(
          new ObjectMapper()
              .readTree(
                  """
                  {"id": "t-1", "status": "COMPLETE", "warnings": 3,
                   "jobs": [{"id": 1, "state": "COMPLETE", "warnings": []}],
                   "files": [{"name": "OperationOutcome-2.ndjson", "warnings":
                     ["12 resources announced, 2 arrived", "the payer reports 2 issue(s)"]}],
                   "deliveries": [{"sink": "file-uri1", "delivered": 1, "files": 2, "warnings": []},
                     {"sink": "fhir", "delivered": 2, "files": 2, "warnings":
                       ["1 resource(s) not taken by the FHIR server, see undeliverable.ndjson"]}],
                   "warned": [{"part": "files", "id": 2, "name": "OperationOutcome-2.ndjson", "warnings":
                     ["12 resources announced, 2 arrived", "the payer reports 2 issue(s)"]},
                     {"part": "deliveries", "id": 4, "name": "fhir", "warnings":
                     ["1 resource(s) not taken by the FHIR server, see undeliverable.ndjson"]}],
                   "totals": {"jobs": 1, "files": 201, "deliveries": 2, "events": 0}}
                  """),
          0,
          out);
    }

    assertThat(text.toString().lines())
        .contains(
            "warnings      3",
            "id  state",
            "… and 200 more (--page 1)",
            "fhir       2          2",
            "files       2   OperationOutcome-2.ndjson  12 resources announced, 2 arrived; the payer reports 2 issue(s)",
            "deliveries  4   fhir                       1 resource(s) not taken by the FHIR server, see undeliverable.ndjson");
  }

  @Test
  void whatATransferWaitsForStandsInItsLineAndAmongWhatIsKnownOfIt() throws Exception {
    String row =
        """
        {"id": "t-1", "status": "MATCHED", "waitsFor": {"step": "DELIVER", "kind": "sink",
         "name": "file-uri-1", "since": "2026-11-26T01:00:00Z", "attempts": 7,
         "reason": "SINK_UNAVAILABLE", "detail": "it does not answer",
         "nextTry": "2026-11-26T02:00:00Z"}}""";
    String words =
        "sink file-uri-1 (DELIVER) since 2026-11-26T01:00:00Z: SINK_UNAVAILABLE, it does not answer; 7 tries, the next 2026-11-26T02:00:00Z";
    StringWriter text = new StringWriter();
    ObjectMapper json = new ObjectMapper();
    try (PrintWriter out = new PrintWriter(text)) {
      Tables.transfers(json.readTree("{\"transfers\": [%s]}".formatted(row)), 0, out);
      Tables.transfer(json.readTree(row), 0, out);
    }

    assertThat(text.toString().lines())
        .contains("t-1  MATCHED  " + words, "waitsFor      " + words);
  }

  @Test
  void whatIsHeldStandsInOneLine() throws Exception {
    StringWriter text = new StringWriter();
    try (PrintWriter out = new PrintWriter(text)) {
      Tables.held(
          new ObjectMapper()
              .readTree(
                  """
                  {"held": [{"kind": "payer", "name": "bison", "since": "2026-11-26T01:00:00Z",
                   "reason": "TOKEN_REFUSED", "detail": "the token endpoint refused the client"},
                   {"kind": "payer", "name": "elk", "since": "2026-11-26T12:00:00Z",
                   "reason": "OUTSIDE_HOURS", "detail": "it is outside its call-window",
                   "until": "2026-11-27T02:00:00Z"}]}
                  """),
          out);
    }

    assertThat(text.toString().lines())
        .containsExactly(
            "payer bison is held since 2026-11-26T01:00:00Z: TOKEN_REFUSED, the token endpoint refused the client",
            "payer elk is held since 2026-11-26T12:00:00Z: OUTSIDE_HOURS, it is outside its call-window, until 2026-11-27T02:00:00Z");
  }

  @Test
  void openBatchesStandInALineEachWithWhatBecameOfTheirMembers() throws Exception {
    StringWriter text = new StringWriter();
    try (PrintWriter out = new PrintWriter(text)) {
      Tables.batches(
          new ObjectMapper()
              .readTree(
                  """
                  {"batches": [
                    {"id": "b-1", "payer": "elk", "phase": "EXPORTING", "members": 20,
                     "outcomes": {"MATCHED": 17, "NO_MATCH": 3}, "openedAt": "2026-11-26T01:00:00Z",
                     "dueAt": "2026-11-26T01:02:00Z"},
                    {"id": "b-2", "payer": "elk", "phase": "SPLITTING", "members": 1,
                     "outcomes": {}, "openedAt": "2026-11-26T01:01:00Z"}],
                   "batchesTotal": 3}
                  """),
          out);
    }

    assertThat(text.toString().lines())
        .containsExactly(
            "batch b-1 of payer elk, opened 2026-11-26T01:00:00Z, is EXPORTING, next step due 2026-11-26T01:02:00Z; members: 20 (17 MATCHED, 3 NO_MATCH)",
            "batch b-2 of payer elk, opened 2026-11-26T01:01:00Z, is SPLITTING; members: 1",
            "… and 1 more open batches");
  }

  @Test
  void theListTellsHowManyWarningsAndMoreTransfersThereAre() throws Exception {
    StringWriter text = new StringWriter();
    try (PrintWriter out = new PrintWriter(text)) {
      Tables.transfers(
          new ObjectMapper()
              .readTree(
                  """
                  {"transfers": [{"id": "t-1", "status": "COMPLETE", "warnings": 3}], "total": 53}
                  """),
          1,
          out);
    }

    assertThat(text.toString().lines())
        .containsExactly("id   status    warnings", "t-1  COMPLETE  3", "… and 2 more (--page 2)");
  }
}
