package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.hl7.fhir.r4.model.Bundle.HTTPVerb;
import org.hl7.fhir.r4.model.Observation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.payerexchange.ledger.store.OperatorLedger;
import org.payerexchange.sandbox.Fault;
import org.payerexchange.sandbox.GroupExport;
import org.payerexchange.sandbox.GroupShape;
import org.payerexchange.sandbox.MatchScenario;
import org.payerexchange.sandbox.PdexMember;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.support.FhirTestServer;
import org.payerexchange.support.TestBundle;

/** No line of a shared export comes to a member that it is not to come to. */
class PdexPrivacyTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  @TempDir Path folder;

  @Test
  void eachOf200MembersInOneGroupGetsItsOwnInItsFolderAndAtEachSinkAndNothingElse()
      throws Exception {
    List<PdexMember> members = new ArrayList<>(PdexPayer.plain(0, 199));
    members.add(PdexPayer.member(199, MatchScenario.EMPTY));
    Path copies = folder.resolve("copies");
    try (Sandbox sandbox = PdexPayer.sandbox(pdex -> pdex.holding(new GroupShape(23, 0, 2)));
        TestBundle bundle =
            PdexPayer.add(TestBundle.in(folder), sandbox, 200)
                .set("p2p.outbox.fsync", "false")
                .set("p2p.deliver.file-uris.1", "file:" + copies)
                .start()) {
      sandbox.faults().rates(Map.of(Fault.DELETIONS, 1.0, Fault.GROUPS_LOST, 1.0));
      PdexFolders folders = new PdexFolders(bundle, sandbox);

      PdexPayer.take(bundle, members);

      List<String> transfers = new ArrayList<>();
      for (PdexMember member : members) {
        String id = folders.awaitServed(member);
        transfers.add(id);
        assertThat(contents(copies.resolve(id)))
            .isEqualTo(without(contents(folders.outbox(id)), "manifest.json"));
      }
      folders.awaitReleased();
      folders.assertJobs(1, 1);
      folders.assertNobodysLinesAreCounted(transfers);
      folders.assertNobodyIsNamed(members);
      GroupExport export = sandbox.groupExports().get(0);
      for (String id : transfers) {
        assertThat(PdexFolders.lines(folders.outbox(id)))
            .doesNotContainAnyElementsOf(export.nobodys().toList());
      }
    }
  }

  /** At a FHIR server a resource has one id a payer, whoever it came with. */
  @Test
  void sharedPractitionersAreOneResourceAtTheFhirServerAndNothingIsDeletedThere() throws Exception {
    List<PdexMember> members = PdexPayer.plain(0, 40);
    try (Sandbox sandbox = PdexPayer.sandbox();
        FhirTestServer server = FhirTestServer.start();
        TestBundle bundle =
            PdexPayer.add(TestBundle.in(folder), sandbox, 40)
                .set("p2p.outbox.fsync", "false")
                .set("p2p.deliver.fhir.base-url", server.url())
                .start()) {
      // which a deletion of the shared export names; nobody knows whose it was
      Observation before = new Observation();
      before.setId(PdexPayer.ID + ".no-longer-there");
      server.put(before);
      sandbox.faults().rates(Map.of(Fault.DELETIONS, 1.0));
      PdexFolders folders = new PdexFolders(bundle, sandbox);

      PdexPayer.take(bundle, members);

      for (PdexMember member : members) {
        // what refers to nobody's lines is told as a warning
        String id = new Pipeline(bundle).awaitEnd(PdexPayer.request(member), "COMPLETE");
        folders.assertHolds(id, member);
      }
      folders.awaitReleased();
      GroupExport export = sandbox.groupExports().get(0);
      long expected =
          Stream.concat(
                  members.stream().flatMap(export::own),
                  members.stream().flatMap(member -> export.shared(member).stream()))
              .filter(line -> !line.startsWith("{\"resourceType\":\"Provenance\""))
              .distinct()
              .count();
      assertThat(server.resources().keySet())
          .contains("Observation/" + before.getIdPart())
          .filteredOn(url -> !url.startsWith("Provenance/"))
          .hasSize((int) expected + 1)
          .allMatch(url -> server.versions(url) == 1);
      assertThat(server.received())
          .flatMap(sent -> sent.getEntry())
          .noneMatch(entry -> entry.getRequest().getMethod() == HTTPVerb.DELETE);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "kick-off-export, EXPORT_KICKOFF",
    "poll-export, EXPORT_POLL",
    "download-file, DOWNLOAD",
    "split-by-member, SPLIT"
  })
  void aMemberThatIsCancelledBeforeTheSplitGetsNotOneLineAndTheOthersAllOfTheirs(
      String route, String kind) throws Exception {
    outBefore(
        route,
        kind,
        (bundle, id) ->
            assertThat(bundle.bean("operatorLedger", OperatorLedger.class).cancel(id, "test"))
                .isTrue(),
        "CANCELLED",
        "CANCELLED");
  }

  @ParameterizedTest
  @CsvSource({
    "match-batch, MATCH_BATCH",
    "kick-off-export, EXPORT_KICKOFF",
    "download-file, DOWNLOAD",
    "split-by-member, SPLIT"
  })
  void aMemberWhoseConsentLapsesBeforeTheSplitGetsNotOneLineAndTheOthersAllOfTheirs(
      String route, String kind) throws Exception {
    // as if its last day had passed: a node whose clock jumps begins nothing
    outBefore(
        route,
        kind,
        (bundle, id) ->
            bundle
                .jdbc()
                .sql("UPDATE transfer SET consent_end = DATE '2024-02-29' WHERE id = ?")
                .param(id)
                .update(),
        "FAILED",
        "CONSENT_EXPIRED");
  }

  /**
   * One member of five is out before a step.
   *
   * @param leaves makes it so, for its transfer
   */
  private void outBefore(
      String route, String kind, BiConsumer<TestBundle, String> leaves, String state, String reason)
      throws Exception {
    List<PdexMember> others = PdexPayer.plain(0, 4);
    PdexMember out = PdexPayer.member(4, MatchScenario.PLAIN);
    List<PdexMember> all = new ArrayList<>(others);
    all.add(out);
    try (Sandbox sandbox = PdexPayer.sandbox();
        TestBundle bundle = PdexPayer.add(TestBundle.in(folder), sandbox, 5).start()) {
      PdexFolders folders = new PdexFolders(bundle, sandbox);
      Pipeline pipeline = new Pipeline(bundle);
      bundle.context().getRouteController().stopRoute(route);
      PdexPayer.take(bundle, all);
      awaitStep(bundle, kind);

      leaves.accept(bundle, pipeline.id(PdexPayer.request(out)));
      bundle.context().getRouteController().startRoute(route);

      for (PdexMember member : others) {
        folders.awaitServed(member);
      }
      folders.awaitNothing(out, state, reason);
      assertThat(folders.failedAt(out)).isIn("", "MATCH_BATCH", "SPLIT");
      folders.awaitReleased();
      folders.assertJobs(1, 1);
      assertNobodyHasALineOf(out, sandbox, folders, others, pipeline);
    }
  }

  private static void assertNobodyHasALineOf(
      PdexMember out,
      Sandbox sandbox,
      PdexFolders folders,
      List<PdexMember> others,
      Pipeline pipeline)
      throws IOException {
    List<String> own = sandbox.groupExports().get(0).own(out).toList();
    assertThat(own.isEmpty()).isEqualTo(!sandbox.groupExports().get(0).members().contains(out));
    for (PdexMember member : own.isEmpty() ? List.<PdexMember>of() : others) {
      assertThat(PdexFolders.lines(folders.outbox(pipeline.id(PdexPayer.request(member)))))
          .doesNotContainAnyElementsOf(own);
    }
    assertThat(folders.outbox(pipeline.id(PdexPayer.request(out))))
        .isDirectoryNotContaining("glob:**.ndjson");
  }

  private static void awaitStep(TestBundle bundle, String kind) {
    await()
        .atMost(PATIENCE)
        .until(() -> bundle.number("SELECT COUNT(*) FROM step WHERE kind = ?", kind) > 0);
  }

  private static Map<String, String> without(Map<String, String> files, String name) {
    Map<String, String> others = new HashMap<>(files);
    others.remove(name);
    return others;
  }

  private static Map<String, String> contents(Path folder) throws IOException {
    Map<String, String> contents = new HashMap<>();
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          contents.put(file.getFileName().toString(), Files.readString(file));
        }
      }
    }
    return contents;
  }
}
