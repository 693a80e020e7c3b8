package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.payerexchange.sandbox.ExportedJob;
import org.payerexchange.sandbox.ExportedJob.ExportedFile;
import org.payerexchange.sandbox.Fault;
import org.payerexchange.sandbox.Member;
import org.payerexchange.sandbox.RequestKind;

/** What operators can rehearse with {@code sandbox --fault}, and how it has to end. */
class RehearsedFaultsTest {
  @RegisterExtension
  private static final Rehearsal REHEARSAL =
      new Rehearsal().set("p2p.payers.bison.attachments", "true");

  private final String request = UUID.randomUUID().toString();

  @ParameterizedTest
  @CsvSource({
    "GZIP_MEMBERS, COMPLETE,",
    "GZIP_AT_REST, COMPLETE,",
    "SIGNED_LINKS, COMPLETE,",
    "INNER_URLS, COMPLETE,",
    "ERROR_COUNT, COMPLETE,",
    "MIXED_TYPES, FAILED, FILE_INVALID",
    "FOREIGN_FILES, FAILED, FOREIGN_HOST",
    "NOT_MATCHED, NO_MATCH, NO_MATCH",
    "CONSENT_CONSTRAINED, NO_MATCH, CONSENT_CONSTRAINED",
    "AMBIGUOUS_MATCH, NO_MATCH, AMBIGUOUS_MATCH",
  })
  void eachEndsAsItShould(Fault fault, String state, String reason) throws Exception {
    REHEARSAL.sandbox().faults().rates(Map.of(fault, 1.0));

    String id = run(state);

    assertThat(REHEARSAL.pipeline().transfer(id)).containsEntry("reason", reason);
    if (state.equals("COMPLETE")) {
      assertEverythingArrived(id);
    }
    assertThat(REHEARSAL.pipeline().outbox("bison", id).resolve("manifest.json"))
        .content()
        .doesNotContain("announced");
  }

  @Test
  void aManifestInPagesOfWhichOneComesLaterAndItsLinksEndBringsEverything() throws Exception {
    REHEARSAL
        .sandbox()
        .faults()
        .rates(Map.of(Fault.PAGES, 1.0, Fault.PAGE_LATE, 1.0, Fault.PAGE_EXPIRES, 1.0));

    String id = run("COMPLETE");

    assertEverythingArrived(id);
    assertThat(REHEARSAL.pipeline().events(id)).contains("MANIFEST_NEEDED");
  }

  @Test
  void aPackedFileThatIsCutIsAskedForAgain() throws Exception {
    REHEARSAL.sandbox().faults().next(RequestKind.FILE, Fault.GZIP_CUT, 2);

    String id = run("COMPLETE");

    assertEverythingArrived(id);
    assertThat(REHEARSAL.pipeline().events(id)).contains("RETRY_LATER");
  }

  @Test
  void attachmentsThatCanBeHadAreDeliveredAndOfTheOthersAWarningTells() throws Exception {
    REHEARSAL.sandbox().faults().rates(Map.of(Fault.ATTACHMENTS, 1.0));

    String id = run("COMPLETE");

    assertEverythingArrived(id);
    assertThat(REHEARSAL.pipeline().files(id))
        .filteredOn(file -> file.get("kind").equals("ATTACHMENT"))
        .extracting(
            file -> file.get("resource_type"),
            file -> file.get("state"),
            file -> file.get("reason"))
        .containsExactly(
            tuple("Binary", "STORED", null),
            tuple("attachment", "STORED", null),
            tuple("attachment", "FAILED", "FILE_INVALID"),
            tuple("attachment", "FAILED", "PAYER_REFUSED"));
    assertThat(REHEARSAL.pipeline().transfer(id)).containsEntry("warnings", 3);
  }

  private String run(String state) throws Exception {
    Member member =
        REHEARSAL.sandbox().sampleMembers().stream()
            .filter(each -> each.memberId().equals("BSN-M-1001"))
            .findFirst()
            .orElseThrow();
    REHEARSAL
        .pipeline()
        .take(
            List.of(
                Pipeline.record(
                    request,
                    "bison",
                    member.memberId(),
                    member.given(),
                    member.family(),
                    member.birthDate().toString(),
                    member.coverageId())));
    return REHEARSAL.pipeline().awaitEnd(request, state);
  }

  private static void assertEverythingArrived(String id) {
    List<ExportedJob> jobs = REHEARSAL.sandbox().jobs();
    assertThat(REHEARSAL.pipeline().files(id))
        .filteredOn(file -> file.get("kind").equals("OUTPUT"))
        .extracting(file -> file.get("sha256"))
        .containsExactlyElementsOf(
            jobs.get(jobs.size() - 1).files().stream().map(ExportedFile::sha256).toList());
  }
}
