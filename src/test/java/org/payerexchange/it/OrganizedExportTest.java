package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.payerexchange.ledger.OperatorLedger;
import org.payerexchange.sandbox.Fault;
import org.payerexchange.sandbox.GroupExport;
import org.payerexchange.sandbox.GroupShape;
import org.payerexchange.sandbox.LoadShape;
import org.payerexchange.sandbox.Member;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.PdexMember;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.sandbox.Scenario;
import org.payerexchange.support.FhirTestServer;
import org.payerexchange.support.HeldRoutes;
import org.payerexchange.support.JavaProcess;
import org.payerexchange.support.TestBundle;

/** Exports whose files hold resources of all types, in blocks that go on in other files. */
class OrganizedExportTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Member FIRST = Members.load("bison", 1);
  private static final Member SECOND = Members.load("bison", 2);

  @TempDir private Path folder;
  private Sandbox sandbox =
      Sandbox.start(SandboxOptions.builder().load(new LoadShape(6, 5_000)).build());
  private TestBundle bundle;
  private Pipeline pipeline;

  @AfterEach
  void stop() {
    if (bundle != null) {
      bundle.close();
    }
    sandbox.close();
  }

  @Test
  void becomesOneFileATypeWithAllThatTheExportHolds() throws Exception {
    start();
    String plain = complete("plain", FIRST);
    organized();

    String id = complete("organized", FIRST);

    assertThat(linesByType(id)).isEqualTo(linesByType(plain));
    assertThat(pipeline.delivered("bison", id)).hasSize(linesByType(id).size() + 1);
    assertThat(pipeline.transfer(id)).containsEntry("warnings", 0);
    assertThat(pipeline.fileStates(id)).containsOnly("STORED").hasSize(linesByType(id).size());
    assertThat(Files.readString(pipeline.outbox("bison", id).resolve("manifest.json")))
        .doesNotContain("Resource-");
    assertThat(pipeline.leftOf(id)).isEmpty();
    assertThat(shared(id)).isEmptyDirectory();
  }

  /** Of some transfers both exports are organized, of others one, or none. */
  @Test
  void besideOthersOfTheSameMemberItIsWholeAtEverySink() throws Exception {
    Member member =
        Members.ofSamples().samples().stream()
            .filter(each -> each.scenario() == Scenario.PLAIN && each.groups().size() > 1)
            .findFirst()
            .orElseThrow();
    List<String> requests = IntStream.range(0, 8).mapToObj(each -> "request-" + each).toList();
    Path copies = folder.resolve("copies");
    try (FhirTestServer server = FhirTestServer.start()) {
      bundle =
          Pipeline.payer(TestBundle.in(folder), member.tenant(), sandbox)
              .set("p2p.deliver.fhir.base-url", server.url())
              .set("p2p.deliver.file-uris.1", "file:" + copies)
              .start();
      pipeline = new Pipeline(bundle);
      String plain = complete("plain", member);
      sandbox.faults().rates(Map.of(Fault.ORGANIZED, 0.5));

      pipeline.take(requests.stream().map(each -> Pipeline.record(each, member)).toList());

      for (String request : requests) {
        String id = pipeline.awaitEnd(request, "COMPLETE");
        assertThat(linesByType(member.tenant(), id)).isEqualTo(linesByType(member.tenant(), plain));
        assertThat(linesByType(copies.resolve(id))).isEqualTo(linesByType(member.tenant(), plain));
        assertThat(bundle.column("SELECT state FROM delivery WHERE transfer_id = ?", id))
            .containsExactly("DONE", "DONE");
      }
      assertThat(bundle.column("SELECT what FROM transfer_event WHERE what = 'EXPORT_SPLITTING'"))
          .hasSizeBetween(1, requests.size() * member.groups().size() - 1);
    }
  }

  @Test
  void isDeliveredToEverySinkOnce() throws Exception {
    try (FhirTestServer server = FhirTestServer.start()) {
      configure()
          .set("p2p.deliver.fhir.base-url", server.url())
          .set("p2p.deliver.file-uris.1", "file:" + folder.resolve("copies"))
          .start();
      pipeline = new Pipeline(bundle);
      organized();

      String id = complete("organized", FIRST);

      assertThat(linesByType(folder.resolve("copies").resolve(id))).isEqualTo(linesByType(id));
      int resources = linesByType(id).values().stream().mapToInt(List::size).sum();
      assertThat(server.resources().keySet())
          .filteredOn(url -> !url.startsWith("Provenance/"))
          .hasSize(resources)
          .allMatch(url -> server.versions(url) == 1);
    }
  }

  @ParameterizedTest
  @CsvSource({"split-into-types", "commit-types"})
  void aProcessThatIsKilledBeforeTheSplitOrItsCommitMakesItOnce(String step) throws Exception {
    organized();
    try (JavaProcess child =
        BundleProcess.start(
            folder,
            sandbox,
            "-Xmx256m",
            "routes=" + HeldRoutes.before("split-by-type", step, folder.resolve("routes")))) {
      Pipeline.drop(folder.resolve("inbox"), List.of(Pipeline.record("killed", FIRST)));
      await().atMost(PATIENCE).until(() -> isBefore(step));
      child.kill();
    }
    sandbox.faults().clear();
    start();
    String plain = complete("plain", FIRST);

    String id = pipeline.awaitEnd("killed", "COMPLETE");

    assertThat(linesByType(id)).isEqualTo(linesByType(plain));
    assertThat(pipeline.leftOf(id)).isEmpty();
    assertThat(shared(id)).isEmptyDirectory();
  }

  private boolean isBefore(String step) throws IOException {
    Path files = folder.resolve("outbox");
    if (!Files.exists(files)) {
      return false;
    }
    try (Stream<Path> all = Files.walk(files)) {
      List<String> names = all.map(file -> file.getFileName().toString()).toList();
      long received = names.stream().filter(name -> name.startsWith("Resource-")).count();
      return received == 2
          && (step.equals("split-into-types")
              || names.stream().anyMatch(name -> name.endsWith("-3.ndjson")));
    }
  }

  @Test
  void aFileThatIsTakenAwayBeforeTheSplitIsFetchedAgain() throws Exception {
    start();
    organized();
    bundle.context().getRouteController().stopRoute("split-by-type");
    pipeline.take(List.of(Pipeline.record("organized", FIRST)));
    String id = pipeline.id("organized");
    await().atMost(PATIENCE).until(() -> pipeline.events(id).contains("EXPORT_SPLITTING"));
    Files.delete(shared(id).resolve("Resource-1.ndjson"));

    bundle.context().getRouteController().startRoute("split-by-type");

    pipeline.awaitEnd("organized", "COMPLETE");
    assertThat(pipeline.events(id)).contains("FILE_PENDING");
    sandbox.faults().clear();
    assertThat(linesByType(id)).isEqualTo(linesByType(complete("plain", FIRST)));
  }

  @Test
  void aTransferThatIsCancelledBeforeTheSplitGetsNotOneLine() throws Exception {
    start();
    organized();
    bundle.context().getRouteController().stopRoute("split-by-type");
    pipeline.take(List.of(Pipeline.record("organized", FIRST)));
    String id = pipeline.id("organized");
    await().atMost(PATIENCE).until(() -> pipeline.events(id).contains("EXPORT_SPLITTING"));

    bundle.bean("operatorLedger", OperatorLedger.class).cancel(id, "test");
    bundle.context().getRouteController().startRoute("split-by-type");

    pipeline.awaitEnd("organized", "CANCELLED");
    assertThat(pipeline.delivered("bison", id)).containsExactly("manifest.json");
  }

  @Test
  void aRetryOfOneWhoseFolderWasInTheWayMakesItWhole() throws Exception {
    start();
    organized();
    bundle.context().getRouteController().stopRoute("split-by-type");
    pipeline.take(List.of(Pipeline.record("organized", SECOND)));
    String id = pipeline.id("organized");
    await().atMost(PATIENCE).until(() -> pipeline.events(id).contains("EXPORT_SPLITTING"));
    Path line = shared(id).resolve("Resource-1.ndjson");
    bundle.jdbc().sql("UPDATE output_file SET missed = 3 WHERE transfer_id = ?").param(id).update();
    Files.delete(line);
    bundle.context().getRouteController().startRoute("split-by-type");
    pipeline.awaitEnd("organized", "FAILED");

    bundle.bean("operatorLedger", OperatorLedger.class).retry(id, "test");

    pipeline.awaitEnd("organized", "COMPLETE");
    sandbox.faults().clear();
    assertThat(linesByType(id)).isEqualTo(linesByType(complete("plain", SECOND)));
  }

  @Test
  void aGroupOrganizedByPatientIsSplitByOwnersLikeAnyOther() throws Exception {
    sandbox.close();
    sandbox = PdexPayer.sandbox();
    organized();
    List<PdexMember> members = PdexPayer.plain(0, 30);
    bundle = PdexPayer.add(TestBundle.in(folder), sandbox, 30).start();
    PdexFolders folders = new PdexFolders(bundle, sandbox);

    PdexPayer.take(bundle, members);

    for (PdexMember member : members) {
      folders.awaitServed(member);
    }
    folders.awaitReleased();
    folders.assertJobs(1, 1);
    GroupExport export = sandbox.groupExports().get(0);
    for (PdexMember member : members) {
      String id = new Pipeline(bundle).id(PdexPayer.request(member));
      assertThat(PdexFolders.lines(folders.outbox(id)))
          .doesNotContainAnyElementsOf(export.nobodys().toList());
    }
  }

  @Test
  void anHrexExportIsRidOfWhatIsNotThePatientsAndSplit() throws Exception {
    sandbox.close();
    sandbox =
        Sandbox.start(
            SandboxOptions.builder().pdex(pdex -> pdex.holding(new GroupShape(25, 0, 1))).build());
    sandbox.faults().rates(Map.of(Fault.ORGANIZED, 1.0, Fault.EVERYBODY, 1.0));
    PdexMember member = PdexMember.of(PdexPayer.ID, 17);
    bundle =
        PdexPayer.add(TestBundle.in(folder), sandbox, 1)
            .set("p2p.payers.bison.dialect", "hrex")
            .set("p2p.payers.bison.retrieval", "export")
            .start();
    pipeline = new Pipeline(bundle);

    PdexPayer.take(bundle, List.of(member));

    String id = pipeline.awaitEnd(PdexPayer.request(member), "COMPLETE");
    assertThat(PdexFolders.lines(pipeline.outbox(PdexPayer.ID, id)))
        .containsAll(sandbox.patientRecord(member))
        .noneMatch(line -> line.contains("pdex-000000018"));
    assertThat(Files.readString(pipeline.outbox(PdexPayer.ID, id).resolve("manifest.json")))
        .contains("resources were left out: they are not the Patient's for certain");
  }

  private void organized() {
    sandbox.faults().rates(Map.of(Fault.ORGANIZED, 1.0));
  }

  private TestBundle configure() throws IOException {
    bundle = Pipeline.payer(TestBundle.in(folder), "bison", sandbox);
    return bundle;
  }

  private void start() throws Exception {
    configure().start();
    pipeline = new Pipeline(bundle);
  }

  private String complete(String request, Member member) throws IOException {
    pipeline.take(List.of(Pipeline.record(request, member)));
    return pipeline.awaitEnd(request, "COMPLETE");
  }

  private Path shared(String id) {
    return bundle.outbox().resolve(".shared").resolve(id);
  }

  private Map<String, List<String>> linesByType(String id) throws IOException {
    return linesByType("bison", id);
  }

  private Map<String, List<String>> linesByType(String payer, String id) throws IOException {
    return linesByType(pipeline.outbox(payer, id));
  }

  private static String type(Path file) {
    String name = file.getFileName().toString();
    return name.substring(0, name.indexOf('-'));
  }

  private static Map<String, List<String>> linesByType(Path files) throws IOException {
    Map<String, List<String>> lines = new TreeMap<>();
    try (Stream<Path> all = Files.list(files)) {
      for (Path file : all.filter(each -> each.toString().endsWith(".ndjson")).toList()) {
        lines
            .computeIfAbsent(type(file), type -> new ArrayList<>())
            .addAll(Files.readAllLines(file).stream().filter(line -> !line.isBlank()).toList());
      }
    }
    lines.values().forEach(each -> each.sort(null));
    return lines;
  }
}
