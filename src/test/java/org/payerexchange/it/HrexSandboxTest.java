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
import java.util.stream.IntStream;
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
  private static final int MOST_REQUESTS = 12;

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

    assertThat(lines(outbox(id)))
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
    sandbox(hrex -> hrex);
    try (SilentPayers payers =
        new SilentPayers(
            MOST_REQUESTS, options -> having(options, hrex -> hrex.paging(10)), Map.of())) {
      List<String> settings = settings(payers);
      List<PdexMember> members =
          IntStream.range(0, payers.count())
              .mapToObj(requests -> PdexMember.of(payers.name(requests), 100 + requests))
              .toList();
      try (JavaProcess child =
          BundleProcess.start(folder, sandbox, "-Xmx256m", settings.toArray(String[]::new))) {
        PdexPayer.drop(folder.resolve("inbox"), members);
        assertThat(payers.awaitSilent(this::hasManifest))
            .as("transfers that the kill interrupts, and others that need no more requests")
            .isBetween(5L, MOST_REQUESTS - 1L);
        child.kill();
      }

      payers.speak(Map.of());
      bundle = payers.addTo(PdexPayer.add(TestBundle.in(folder), sandbox, 1));
      settings.forEach(setting -> bundle.set(setting.split("=", 2)[0], setting.split("=", 2)[1]));
      bundle.start();
      for (int requests = 0; requests < payers.count(); requests++) {
        PdexMember each = members.get(requests);
        String id = new Pipeline(bundle).awaitEnd(PdexPayer.request(each), "COMPLETE");
        assertHasAll(id, each, payers.get(requests));
      }
    }
  }

  private static List<String> settings(SilentPayers payers) {
    List<String> settings = new ArrayList<>(payers.settings());
    PdexPayer.settings(1).forEach(setting -> settings.add(String.join("=", setting)));
    for (int requests = 0; requests < payers.count(); requests++) {
      String prefix = "p2p.payers." + payers.name(requests) + ".";
      settings.add(prefix + "dialect=hrex");
      settings.add(prefix + "retrieval=everything");
      settings.add(prefix + "organization.name=Imaginary Health Plan");
      settings.add(prefix + "organization.npi=1234567893");
    }
    return settings;
  }

  private boolean hasManifest(Sandbox payer) {
    Path outbox = folder.resolve("outbox").resolve(payer.options().tenants().iterator().next());
    if (!Files.exists(outbox)) {
      return false;
    }
    try (Stream<Path> files = Files.walk(outbox)) {
      return files.anyMatch(file -> file.endsWith("manifest.json"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void sandbox(UnaryOperator<HrexOptions> hrex) {
    sandbox = Sandbox.start(having(SandboxOptions.builder(), hrex).build());
  }

  private static SandboxOptions.Builder having(
      SandboxOptions.Builder options, UnaryOperator<HrexOptions> hrex) {
    return options
        .runningPolls(1)
        .pdex(pdex -> pdex.holding(new GroupShape(25, 0, 1)))
        .hrex(hrex.apply(HrexOptions.defaults()));
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
    assertHasAll(id, MEMBER, sandbox);
  }

  private void assertHasAll(String id, PdexMember member, Sandbox payer) throws IOException {
    assertThat(lines(bundle.outbox().resolve(member.tenant()).resolve(id)))
        .containsExactlyInAnyOrderElementsOf(
            payer.patientRecord(member).stream().map(HrexSandboxTest::read).toList());
  }

  private static List<JsonNode> lines(Path outbox) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    try (Stream<Path> files = Files.list(outbox)) {
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
