package org.payerexchange.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.dialect.OneUp;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

class ExportManifestTest {

  @Test
  void theReferencePagesManifestIsRead() throws Exception {
    ExportManifest manifest =
        manifest(
            """
            {
                "id": "job-1",
                "transactionTime": "2026-01-31T10:11:12.345Z",
                "request": "https://gateway.1up.health/v1/bison/bulk-data/r4/Group/g/$export",
                "requiresAccessToken": true,
                "status": "Successful",
                "resourceCount": 31,
                "batches": {"running": 0, "complete": 6, "failed": 0, "total": 6},
                "lastUpdated": "2026-01-31T10:12:12.345Z",
                "output": [
                    {"type": "Specimen", "url": "https://h/1.ndjson"},
                    {"type": "Coverage", "url": "https://h/2.ndjson"}
                ]
            }
            """);

    assertThat(manifest.transactionTime()).isEqualTo("2026-01-31T10:11:12.345Z");
    assertThat(manifest.resourceCount()).isEqualTo(31);
    assertThat(manifest.warnings()).isEmpty();
    assertThat(manifest.files())
        .containsExactly(
            new ManifestFile(FileKind.OUTPUT, "Specimen", "https://h/1.ndjson", true, null),
            new ManifestFile(FileKind.OUTPUT, "Coverage", "https://h/2.ndjson", true, null));
  }

  @Test
  void theStandardsManifestIsReadWithItsCountsErrorsAndDeletions() throws Exception {
    ExportManifest manifest =
        manifest(
            """
            {
              "requiresAccessToken": false,
              "output": [{"type": "Patient", "url": "u1", "count": 1, "extension": {}},
                         {"type": "Patient", "url": "u2", "count": 0}],
              "error": [{"type": "OperationOutcome", "url": "u3"}],
              "deleted": [{"url": "u4"}],
              "extension": {"x": 1}
            }
            """);

    assertThat(manifest.files())
        .containsExactly(
            new ManifestFile(FileKind.OUTPUT, "Patient", "u1", false, 1L),
            new ManifestFile(FileKind.OUTPUT, "Patient", "u2", false, 0L),
            new ManifestFile(FileKind.ERROR, "OperationOutcome", "u3", false, null),
            new ManifestFile(FileKind.DELETED, "Bundle", "u4", false, null));
    assertThat(manifest.warnings()).containsExactly("the payer reports errors in 1 file(s)");
    assertThat(manifest.resourceCount()).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"output\": []}",
        "{\"output\": [], \"error\": null, \"deleted\": null}",
        "{\"output\": [], \"error\": [], \"deleted\": []}",
        "{\"status\": \"Successful\", \"output\": null, \"resourceCount\": 0}"
      })
  void anExportWithoutDataIsAnEmptyList(String body) throws Exception {
    assertThat(manifest(body).files()).isEmpty();
    assertThat(manifest(body).warnings()).isEmpty();
  }

  @Test
  void aManifestThatSaysNothingOfItsOutputIsNotTakenForWhole() throws Exception {
    assertThat(manifest("{\"status\": \"Successful\"}").files()).isEmpty();
    assertThat(manifest("{\"status\": \"Successful\"}").warnings())
        .containsExactly("the manifest says nothing of output files");
  }

  @Test
  void anEntryThatIsRepeatedIsOneFile() throws Exception {
    String body =
        """
        {"output": [
          {"type": "Patient", "url": "https://payer.example/1"},
          {"type": "Patient", "url": "https://payer.example/2"},
          {"type": "Patient", "url": "https://payer.example/1"}]}""";

    assertThat(manifest(body).files())
        .extracting(ManifestFile::url)
        .containsExactly("https://payer.example/1", "https://payer.example/2");
  }

  @Test
  void filesThatAreOrganizedByPatientAreOfAllTypesWhateverTheirEntriesSay() throws Exception {
    String body =
        """
        {"outputOrganizedBy": "Patient", "output": [
          {"url": "https://payer.example/1", "count": 7,
            "continuesInFile": "https://payer.example/2"},
          {"type": "Patient", "url": "https://payer.example/2"}],
          "deleted": [{"type": "Bundle", "url": "https://payer.example/3"}]}""";

    assertThat(manifest(body).files())
        .extracting(ManifestFile::type)
        .containsExactly("Resource", "Resource", "Bundle");
    assertThat(manifest(body).files()).extracting(ManifestFile::count).containsOnlyNulls();
  }

  @Test
  void whatIsSaidOfTheTokenIsKeptOnEveryFileAndSilenceToo() throws Exception {
    assertThat(
            manifest("{\"output\": [{\"type\": \"Patient\", \"url\": \"u\"}]}")
                .files()
                .get(0)
                .requiresAccessToken())
        .isNull();
  }

  @ParameterizedTest
  @CsvSource({"true,true", "'\"true\"',true", "'\"False\"',false", "'\"maybe\"',", "1,", "null,"})
  void whetherFilesNeedTheTokenMayBeSaidAsText(String said, Boolean understood) throws Exception {
    assertThat(
            manifest(
                    "{\"requiresAccessToken\": %s, \"output\": [{\"type\": \"Patient\", \"url\": \"u\"}]}"
                        .formatted(said))
                .files()
                .get(0)
                .requiresAccessToken())
        .isEqualTo(understood);
  }

  @Test
  void failedBatchesAreAWarning() throws Exception {
    assertThat(
            manifest(
                    "{\"output\": [], \"batches\": {\"complete\": 5, \"failed\": 1, \"total\": 6}}")
                .warnings())
        .containsExactly("partial result: 1 of 6 batches failed at the payer");
  }

  @Test
  void errorsWithoutAFileAreAWarning() throws Exception {
    assertThat(manifest("{\"output\": [], \"error\": [{\"message\": \"x\"}]}").warnings())
        .containsExactly("1 entries of error or deleted name no file");
  }

  @Test
  void theFilesOfOutcomeAreThoseOfError() throws Exception {
    assertThat(manifest("{\"output\": [], \"outcome\": [{\"url\": \"u\"}]}").files())
        .containsExactly(new ManifestFile(FileKind.ERROR, "OperationOutcome", "u", null, null));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"output\": {}}",
        "{\"output\": [], \"error\": \"none\"}",
        "{\"output\": [{\"type\": \"Patient\"}]}",
        "{\"output\": [{\"type\": \"Patient\", \"url\": \" \"}]}",
        "{\"status\": \"Successful\", \"resourceCount\": 3}"
      })
  void aManifestThatWouldLoseDataIsABadAnswer(String body) {
    assertThatThrownBy(() -> manifest(body))
        .asInstanceOf(InstanceOfAssertFactories.type(TransferException.class))
        .extracting(TransferException::reason)
        .isEqualTo(FailureReason.BAD_ANSWER);
  }

  private static ExportManifest manifest(String body) throws JsonProcessingException {
    StatusAnswer answer = StatusAnswer.mapper(20).readValue(body, StatusAnswer.class);
    return ExportManifest.of(answer, new OneUp().report(answer.said()));
  }
}
