package org.payerexchange.it;

import static com.github.tomakehurst.wiremock.client.WireMock.delete;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.status;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.payerexchange.ledger.store.OperatorLedger;
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
import org.payerexchange.support.Gateway;
import org.payerexchange.support.HeldRoutes;
import org.payerexchange.support.JavaProcess;
import org.payerexchange.support.TestBundle;

/** Exports whose files hold resources of all types, in blocks that go on in other files. */
class OrganizedExportTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Member FIRST = Members.load("bison", 1);
  private static final Member SECOND = Members.load("bison", 2);

  @TempDir private Path folder;

  /** A payer of whom only bad files come. */
  @RegisterExtension final Gateway gateway = new Gateway();

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
    assertThat(manifest(id)).doesNotContain("Resource-");
    assertThat(pipeline.leftOf(id)).isEmpty();
    assertThat(shared(id)).doesNotExist();
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
    start();

    String id = pipeline.awaitEnd("killed", "COMPLETE");

    assertHoldsAllOf(FIRST, id);
    assertThat(pipeline.leftOf(id)).isEmpty();
    assertThat(shared(id)).doesNotExist();
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
    String id = heldAt("split-by-type", "EXPORT_SPLITTING", FIRST);
    Files.delete(shared(id).resolve("Resource-1.ndjson"));

    bundle.context().getRouteController().startRoute("split-by-type");

    pipeline.awaitEnd("organized", "COMPLETE");
    assertThat(pipeline.events(id)).contains("FILE_PENDING");
    assertHoldsAllOf(FIRST, id);
  }

  @Test
  void aTransferThatIsCancelledBeforeTheSplitGetsNotOneLine() throws Exception {
    String id = heldAt("split-by-type", "EXPORT_SPLITTING", FIRST);

    bundle.bean("operatorLedger", OperatorLedger.class).cancel(id, "test");
    bundle.context().getRouteController().startRoute("split-by-type");

    pipeline.awaitEnd("organized", "CANCELLED");
    assertThat(pipeline.delivered("bison", id)).containsExactly("manifest.json");
    assertThat(manifest(id)).doesNotContain("Resource-");
    assertThat(pipeline.fileStates(id)).containsOnly("STORED");
    assertThat(shared(id)).doesNotExist();
  }

  @Test
  void aRetryOfOneWhoseFileWasTakenAwayAgainAndAgainMakesItWhole() throws Exception {
    String id = heldAt("split-by-type", "EXPORT_SPLITTING", SECOND);
    Path line = shared(id).resolve("Resource-1.ndjson");
    bundle.jdbc().sql("UPDATE output_file SET missed = 3 WHERE transfer_id = ?").param(id).update();
    Files.delete(line);
    bundle.context().getRouteController().startRoute("split-by-type");
    pipeline.awaitEnd("organized", "FAILED");
    assertThat(manifest(id)).contains("Resource-1").doesNotContain("Resource-2");

    bundle.bean("operatorLedger", OperatorLedger.class).retry(id, "test");

    pipeline.awaitEnd("organized", "COMPLETE");
    assertHoldsAllOf(SECOND, id);
  }

  @Test
  void aFileOfTheSplitThatIsLostFailsTheTransferAndARetryMakesItWhole() throws Exception {
    String id = heldAt("send-outcome", "EXPORT_COMPLETE", SECOND);
    Files.delete(pipeline.outbox("bison", id).resolve("Encounter-4.ndjson"));
    bundle.context().getRouteController().startRoute("send-outcome");
    pipeline.awaitEnd("organized", "FAILED");

    bundle.bean("operatorLedger", OperatorLedger.class).retry(id, "test");

    pipeline.awaitEnd("organized", "COMPLETE");
    assertThat(pipeline.delivered("bison", id)).contains("Encounter-4.ndjson");
    assertThat(pipeline.transfer(id)).containsEntry("warnings", 0);
    assertHoldsAllOf(SECOND, id);
  }

  /** Nothing is asked of the payer. */
  @Test
  void itIsSplitWhileThePayerIsHeld() throws Exception {
    String id = heldAt("split-by-type", "EXPORT_SPLITTING", FIRST);
    bundle
        .jdbc()
        .sql("UPDATE payer_gate SET held_until = CURRENT_TIMESTAMP + INTERVAL '1' DAY")
        .update();

    bundle.context().getRouteController().startRoute("split-by-type");

    await().atMost(PATIENCE).until(() -> pipeline.events(id).contains("COMPLETE"));
    bundle.jdbc().sql("UPDATE payer_gate SET held_until = NULL").update();
  }

  /** What a careless or hostile payer may send. */
  @ParameterizedTest
  @MethodSource
  void whatCannotBeSplitFailsWithAReasonAndNothingOfItIsDelivered(
      String lines, String reason, String failedAt) throws Exception {
    String base = "/v1/bison";
    gateway.stub(
        post(urlPathEqualTo("/auth/realms/dev-portal/protocol/openid-connect/token"))
            .willReturn(okJson("{\"access_token\":\"t1\",\"expires_in\":300}")));
    gateway.stub(
        post(urlEqualTo(base + "/member-match/$member-match"))
            .willReturn(okJson("{\"groupId\":\"g-1\"}")));
    gateway.stub(
        get(urlEqualTo(base + "/bulk-data/r4/Group/g-1/$export"))
            .willReturn(status(202).withHeader("Content-Location", gateway.url() + base + "/job")));
    gateway.stub(
        get(urlEqualTo(base + "/job"))
            .willReturn(
                okJson(
                    """
                    {"requiresAccessToken":true,"outputOrganizedBy":"Patient",
                    "output":[{"url":"%s/file"}]}"""
                        .formatted(gateway.url() + base))));
    gateway.stub(get(urlEqualTo(base + "/file")).willReturn(ok(lines)));
    gateway.stub(delete(urlEqualTo(base + "/job")).willReturn(status(202)));
    bundle = TestBundle.in(folder).payer("bison", gateway.url()).start();
    pipeline = new Pipeline(bundle);
    pipeline.take(List.of(Pipeline.record("bad", FIRST)));

    String id = pipeline.awaitEnd("bad", reason == null ? "COMPLETE" : "FAILED");

    assertThat(pipeline.transfer(id).get("reason")).isEqualTo(reason);
    assertThat(pipeline.delivered("bison", id)).containsExactly("manifest.json");
    assertThat(manifest(id)).doesNotContain("Patient/p1");
    assertThat(new ObjectMapper().readTree(manifest(id)).at("/failure/step").asText(null))
        .isEqualTo(failedAt);
  }

  static Stream<Arguments> whatCannotBeSplitFailsWithAReasonAndNothingOfItIsDelivered() {
    String header =
        "{\"resourceType\":\"Parameters\",\"parameter\":[{\"name\":\"header\",\"valueReference\":{\"reference\":\"Patient/p1\"}}]}\n";
    String deep = "[".repeat(400) + "]".repeat(400);
    String types =
        IntStream.range(0, 26 * 26)
            .mapToObj(at -> "T%c%c".formatted('a' + at / 26, 'a' + at % 26))
            .map("{\"resourceType\":\"%s\"}\n"::formatted)
            .collect(Collectors.joining());
    return Stream.of(
        Arguments.of(
            header + "{\"a\":%s,\"resourceType\":\"Patient\"}\n".formatted(deep),
            "FILE_INVALID",
            "SPLIT_TYPES"),
        Arguments.of(header + types, "TOO_LARGE", "SPLIT_TYPES"),
        Arguments.of(header + "{\"resourceType\":\"../Patient\"}\n", "FILE_INVALID", "DOWNLOAD"),
        Arguments.of(header + "{\"id\":\"p1\"}\n", "FILE_INVALID", "DOWNLOAD"),
        Arguments.of(header + header, null, null));
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

  /** The id of an organized transfer that stands before a route. */
  private String heldAt(String route, String event, Member member) throws Exception {
    start();
    organized();
    bundle.context().getRouteController().stopRoute(route);
    pipeline.take(List.of(Pipeline.record("organized", member)));
    String id = pipeline.id("organized");
    await().atMost(PATIENCE).until(() -> pipeline.events(id).contains(event));
    return id;
  }

  private void assertHoldsAllOf(Member member, String id) throws IOException {
    sandbox.faults().clear();
    assertThat(linesByType(id)).isEqualTo(linesByType(complete("plain", member)));
  }

  private String manifest(String id) throws IOException {
    return Files.readString(pipeline.outbox("bison", id).resolve("manifest.json"));
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
