package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.sandbox.Fault;
import org.payerexchange.sandbox.GroupShape;
import org.payerexchange.sandbox.HrexOptions;
import org.payerexchange.sandbox.MatchScenario;
import org.payerexchange.sandbox.PdexMember;
import org.payerexchange.sandbox.RequestKind;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.JavaProcess;
import org.payerexchange.support.TestBundle;

/** One member at a time before a gateway that speaks HRex, however its data is had. */
class HrexSandboxTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final PdexMember MEMBER = PdexMember.of(PdexPayer.ID, 17);
  private static final int MOST_REQUESTS = 60;

  @TempDir Path folder;
  private Sandbox sandbox;
  private TestBundle bundle;

  @AfterEach
  void stop() {
    if (bundle != null) {
      bundle.close();
    }
    sandbox.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"export", "everything", "search", "auto"})
  void byWhateverWayAMemberHasTheSameData(String retrieval) throws Exception {
    start(hrex -> hrex.paging(7).strictly(), retrieval);

    String id = served(MEMBER);

    assertThat(bundle.column("SELECT state FROM transfer")).containsExactly("COMPLETE");
    assertThat(bundle.number("SELECT warnings FROM transfer")).isZero();
    assertHasAll(id);
    assertThat(sandbox.requests().unexpected()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"REPEATS", "STRANGERS", "EMPTY_ENTRIES", "OUTCOMES", "ROLES_LEFT_OUT"})
  void pagesWithMoreOrLessThanTheyShouldHaveStillMakeItWhole(Fault fault) throws Exception {
    sandbox(hrex -> hrex.paging(7));
    sandbox.faults().rates(Map.of(fault, 1.0));
    start("everything");

    assertHasAll(served(MEMBER));
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"PAGE_GONE", "NO_BUNDLE", "NEXT_ITSELF"})
  void aPageThatGoesWrongOnceIsReadAgain(Fault fault) throws Exception {
    sandbox(hrex -> hrex.paging(7));
    sandbox.faults().next(RequestKind.PAGE, fault, 1);
    start("everything");

    assertHasAll(served(MEMBER));
  }

  @Test
  void anExportOfEverybodyIsRidOfTheOthers() throws Exception {
    sandbox(hrex -> hrex);
    sandbox.faults().rates(Map.of(Fault.EVERYBODY, 1.0));
    start("export");

    String id = served(MEMBER);

    assertThat(lines(id))
        .containsAll(sandbox.patientRecord(MEMBER).stream().map(HrexSandboxTest::read).toList())
        .noneMatch(line -> line.toString().contains("Patient/pdex-000000018"))
        .noneMatch(line -> line.path("id").asText().equals("pdex-000000018"));
    assertThat(Files.readString(outbox(id).resolve("manifest.json")))
        .contains("resources were left out: they are not the Patient's for certain");
  }

  @ParameterizedTest
  @CsvSource({
    "UNKNOWN, NO_MATCH",
    "CONSENT_CONSTRAINED, CONSENT_CONSTRAINED",
    "TWICE, AMBIGUOUS_MATCH",
  })
  void whoIsNotMatchedEndsAsThePayerSays(MatchScenario scenario, String reason) throws Exception {
    start(hrex -> hrex, "auto");

    served(PdexPayer.member(17, scenario));

    assertThat(bundle.column("SELECT reason FROM transfer")).containsExactly(reason);
  }

  @Test
  void fiveHundredPagesAreReadWithOneRequestEach() throws Exception {
    sandbox =
        Sandbox.start(
            SandboxOptions.builder()
                .pdex(pdex -> pdex.holding(new GroupShape(5_000, 0, 1)))
                .hrex(HrexOptions.defaults().paging(10))
                .build());
    start("everything");

    assertHasAll(served(MEMBER));

    assertThat(sandbox.requests().received(RequestKind.PAGE)).isBetween(499, 520);
  }

  @Test
  void killedBetweenAnyTwoRequestsEveryResourceIsThereOnce() throws Exception {
    sandbox(hrex -> hrex.paging(10));
    List<String> settings = new ArrayList<>();
    PdexPayer.settings(1).forEach(setting -> settings.add(String.join("=", setting)));
    settings.add("p2p.payers.bison.dialect=hrex");
    settings.add("p2p.payers.bison.retrieval=everything");
    settings.removeIf(setting -> setting.contains("match-batch"));
    boolean ended = false;
    int killed = 0;
    for (int requests = 0; !ended && requests < MOST_REQUESTS; requests++) {
      sandbox.faults().clear();
      try (JavaProcess child =
          BundleProcess.start(folder, sandbox, "-Xmx256m", settings.toArray(String[]::new))) {
        int before = requests;
        await().atMost(PATIENCE).until(() -> hasManifests(before));
        sandbox.faults().after(requests, Fault.HANG);
        PdexPayer.drop(
            folder.resolve("inbox"), List.of(PdexMember.of(PdexPayer.ID, 100 + requests)));
        await()
            .atMost(PATIENCE)
            .until(() -> !sandbox.requests().faults().isEmpty() || hasManifests(before + 1));
        ended = sandbox.requests().faults().isEmpty();
        child.kill();
        killed++;
        sandbox.requests().clear();
      }
    }
    assertThat(ended).isTrue();
    assertThat(killed).isGreaterThan(4);

    // a kill may lie between the last request and its commit: it is made again then
    sandbox.faults().clear();
    start("everything");
    for (int member = 100; member < 100 + killed; member++) {
      PdexMember each = PdexMember.of(PdexPayer.ID, member);
      assertHasAll(new Pipeline(bundle).awaitEnd(PdexPayer.request(each), "COMPLETE"), each);
    }
  }

  private boolean hasManifests(int count) throws IOException {
    Path outbox = folder.resolve("outbox").resolve(PdexPayer.ID);
    if (!Files.exists(outbox)) {
      return count == 0;
    }
    try (Stream<Path> files = Files.walk(outbox)) {
      return files.filter(file -> file.endsWith("manifest.json")).count() == count;
    }
  }

  private void sandbox(UnaryOperator<HrexOptions> hrex) {
    sandbox =
        Sandbox.start(
            SandboxOptions.builder()
                .runningPolls(1)
                .pdex(pdex -> pdex.holding(new GroupShape(25, 0, 1)))
                .hrex(hrex.apply(HrexOptions.defaults()))
                .build());
  }

  private void start(UnaryOperator<HrexOptions> hrex, String retrieval) throws Exception {
    sandbox(hrex);
    start(retrieval);
  }

  private void start(String retrieval) throws Exception {
    bundle = PdexPayer.add(TestBundle.in(folder), sandbox, 1);
    bundle
        .set("p2p.payers.bison.dialect", "hrex")
        .set("p2p.payers.bison.retrieval", retrieval)
        .start();
  }

  /** The id of the transfer of a member, once its manifest stands. */
  private String served(PdexMember member) throws Exception {
    PdexPayer.take(bundle, List.of(member));
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                !bundle.column("SELECT id FROM transfer WHERE manifest_at IS NOT NULL").isEmpty());
    return bundle.column("SELECT id FROM transfer").get(0);
  }

  private Path outbox(String id) {
    return bundle.outbox().resolve(PdexPayer.ID).resolve(id);
  }

  private void assertHasAll(String id) throws IOException {
    assertHasAll(id, MEMBER);
  }

  private void assertHasAll(String id, PdexMember member) throws IOException {
    assertThat(lines(id))
        .containsExactlyInAnyOrderElementsOf(
            sandbox.patientRecord(member).stream().map(HrexSandboxTest::read).toList());
  }

  private List<JsonNode> lines(String id) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    try (Stream<Path> files = Files.list(outbox(id))) {
      for (Path file : files.filter(each -> each.toString().endsWith(".ndjson")).toList()) {
        Files.readAllLines(file).forEach(line -> lines.add(read(line)));
      }
    }
    return lines;
  }

  private static JsonNode read(String line) {
    try {
      return JSON.readTree(line);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }
}
