package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.sandbox.ExportedJob;
import org.payerexchange.sandbox.Fault;
import org.payerexchange.sandbox.GroupShape;
import org.payerexchange.sandbox.HrexOptions;
import org.payerexchange.sandbox.Member;
import org.payerexchange.sandbox.PdexMember;
import org.payerexchange.sandbox.RequestKind;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.sandbox.Scenario;
import org.payerexchange.support.FhirTestServer;
import org.payerexchange.support.TestBundle;

/**
 * What payers may do with an export, in every dialect that has one, as an operator would rehearse
 * it: whatever it is, each member has every resource once.
 */
class ExportsRehearsedTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int ALWAYS = 1_000_000;

  /** The time, or later. */
  private static final class ForwardClock extends Clock {
    private volatile Duration ahead = Duration.ZERO;

    void forward(Duration time) {
      ahead = time;
    }

    @Override
    public Instant instant() {
      return Instant.now().plus(ahead);
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  /** Who is asked, and how. */
  private enum Asked {
    /** 1up, by GET. */
    BISON("kick-off=get"),
    /** 1up, by POST, with Provenance. */
    HERON("kick-off=post include-associated-data=LatestProvenanceResources"),
    /** With a filter, which it may not leave out. */
    IBIS("dialect=pdex match-batch-size=1 type-filter=Encounter?date=ge2016-03-01"),
    OTTER("dialect=hrex retrieval=export"),
    EGRET("dialect=hrex retrieval=everything");

    private final String settings;

    Asked(String settings) {
      this.settings = settings;
    }

    String payer() {
      return name().toLowerCase(Locale.ROOT);
    }

    boolean exports() {
      return this != EGRET;
    }

    static List<Asked> exporting() {
      return Arrays.stream(values()).filter(Asked::exports).toList();
    }
  }

  @TempDir private static Path folder;
  private static final ForwardClock CLOCK = new ForwardClock();
  private static Sandbox sandbox;
  private static FhirTestServer server;
  private static TestBundle bundle;
  private static Pipeline pipeline;
  private static int waves;

  /** What each has to say where nothing is wrong. */
  private static final Map<Asked, Seen> WHOLE = new EnumMap<>(Asked.class);

  /**
   * What became of a transfer.
   *
   * @param resources in the outbox, by reference
   */
  private record Seen(Map<String, JsonNode> resources, List<String> warnings) {}

  @BeforeAll
  static void start() throws Exception {
    sandbox =
        Sandbox.start(
            SandboxOptions.builder()
                .tenants(
                    Arrays.stream(Asked.values()).map(Asked::payer).collect(Collectors.toSet()))
                .pdex(pdex -> pdex.holding(new GroupShape(13, 0, 1)))
                .hrex(HrexOptions.defaults().paging(7))
                .clock(CLOCK)
                .build());
    server = FhirTestServer.start();
    bundle = TestBundle.in(folder).set("p2p.deliver.fhir.base-url", server.url());
    PdexPayer.settings(1).stream()
        .filter(setting -> setting.get(0).startsWith("p2p.organization"))
        .forEach(setting -> bundle.set(setting.get(0), setting.get(1)));
    for (Asked asked : Asked.values()) {
      Pipeline.payer(bundle, asked.payer(), sandbox);
      Stream.concat(
              Arrays.stream(asked.settings.split(" ", -1)),
              Stream.of(
                  "allow-partial-manifests=true",
                  "lenient=" + (asked == Asked.HERON),
                  "organization.name=Imaginary Health Plan",
                  "organization.npi=1234567893",
                  "trusted-hosts=" + sandbox.store()))
          .map(setting -> setting.split("=", 2))
          .forEach(s -> bundle.set("p2p.payers.%s.%s".formatted(asked.payer(), s[0]), s[1]));
    }
    bundle.start();
    pipeline = new Pipeline(bundle);
    for (Map.Entry<Asked, String> each : take(List.of(Asked.values()), "COMPLETE").entrySet()) {
      WHOLE.put(each.getKey(), seen(each.getKey(), each.getValue()));
    }
    assertThat(WHOLE.get(Asked.HERON).resources().keySet())
        .anyMatch(each -> each.startsWith("Provenance/"));
    sandbox.requests().clear();
  }

  @AfterEach
  void noFaultOutlivesItsTest() {
    sandbox.faults().clear();
    sandbox.requests().clear();
  }

  @AfterAll
  static void stop() throws Exception {
    bundle.close();
    server.close();
    sandbox.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PARTIAL_MANIFEST",
        "PARTIAL_MANIFEST PAGES PAGE_LATE",
        "PARTIAL_MANIFEST EXPORT_STATUS",
        "EXPORT_STATUS",
        "OUTCOME_LIST",
        "REDIRECTED",
        "REDIRECTED LINKS_BREAK",
        "LINKS_BREAK",
        "PARTIAL_MANIFEST PAGES LINKS_BREAK REDIRECTED EXPORT_STATUS ORGANIZED",
      })
  void everyResourceIsThereOnce(String faults) throws Exception {
    List<Fault> all = Arrays.stream(faults.split(" ", -1)).map(Fault::valueOf).toList();
    sandbox.faults().rates(all.stream().collect(Collectors.toMap(each -> each, each -> 1.0)));

    Map<Asked, String> transfers = take(Asked.exporting(), "COMPLETE");

    for (Map.Entry<Asked, String> each : transfers.entrySet()) {
      assertThat(seen(each.getKey(), each.getValue())).isEqualTo(WHOLE.get(each.getKey()));
      assertAskedAnew(each.getKey(), each.getValue(), all.contains(Fault.LINKS_BREAK));
    }
    if (all.contains(Fault.PARTIAL_MANIFEST)) {
      assertThat(sandbox.requests().faults().get(RequestKind.STATUS))
          .containsEntry(Fault.PARTIAL_MANIFEST, transfers.size());
    }
    if (all.contains(Fault.REDIRECTED)) {
      assertThat(sandbox.requests().received(RequestKind.STORE)).isPositive();
    }
    if (all.contains(Fault.LINKS_BREAK)) {
      assertThat(sandbox.requests().filesResumed()).isNotEmpty();
    }
    assertThat(sandbox.requests().unexpected()).isEmpty();
  }

  @Test
  void aListOfOutcomesIsOneOfErrors() throws Exception {
    sandbox.faults().rates(Map.of(Fault.OUTCOME_LIST, 1.0, Fault.ERROR_COUNT, 1.0));

    for (Map.Entry<Asked, String> each :
        take(List.of(Asked.BISON, Asked.OTTER), "COMPLETE").entrySet()) {
      Seen seen = seen(each.getKey(), each.getValue());
      assertThat(seen.resources()).isEqualTo(WHOLE.get(each.getKey()).resources());
      assertThat(seen.warnings()).contains("the payer reports errors in 1 file(s)");
      assertThat(pipeline.files(each.getValue()))
          .filteredOn(file -> file.get("kind").equals("ERROR"))
          .extracting(file -> file.get("state"))
          .containsExactly("STORED");
    }
  }

  @Test
  void filesWhoseTimeIsOverAreHadByAManifestThatIsAskedForAnew() throws Exception {
    sandbox.faults().rates(Map.of(Fault.LINKS_EXPIRE, 1.0));
    sandbox.faults().next(RequestKind.FILE, Fault.UNAVAILABLE, ALWAYS);
    Map<Asked, String> requests = send(Asked.exporting());
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                bundle.number(
                        """
                        SELECT COUNT(*) FROM export_job
                        WHERE files_until IS NOT NULL AND state = 'READY'""")
                    == requests.size());

    CLOCK.forward(Duration.ofMinutes(3));
    bundle
        .jdbc()
        .sql("UPDATE export_job SET files_until = CURRENT_TIMESTAMP WHERE state = 'READY'")
        .update();
    sandbox.faults().next(RequestKind.FILE, Fault.UNAVAILABLE, 0);

    for (Map.Entry<Asked, String> each : ended(requests, "COMPLETE").entrySet()) {
      assertThat(seen(each.getKey(), each.getValue())).isEqualTo(WHOLE.get(each.getKey()));
      assertAskedAnew(each.getKey(), each.getValue(), true);
    }
    Set<String> exports =
        sandbox.jobs().stream().map(ExportedJob::jobId).collect(Collectors.toSet());
    assertThat(sandbox.requests().filesServed().keySet())
        .filteredOn(name -> exports.contains(name.split("-", 2)[0]))
        .isNotEmpty()
        .allMatch(name -> name.contains("-2-"));
  }

  @Test
  void whatIsNotWholeKeepsItsTagAndIsAWarning() throws Exception {
    sandbox.faults().rates(Map.of(Fault.SUBSETTED, 1.0));

    for (Map.Entry<Asked, String> each : take(List.of(Asked.values()), "COMPLETE").entrySet()) {
      Seen seen = seen(each.getKey(), each.getValue());
      assertThat(seen.resources().keySet())
          .isEqualTo(WHOLE.get(each.getKey()).resources().keySet());
      assertThat(seen.resources().values())
          .allMatch(
              resource -> resource.at("/meta/tag").findValuesAsText("code").contains("SUBSETTED"));
      assertThat(seen.warnings())
          .contains(
              "%d resource(s) are tagged SUBSETTED: the payer sent only a part of each"
                  .formatted(seen.resources().size()));
    }
  }

  @Test
  void labelsTagsAndProfilesArriveUntouched() throws Exception {
    sandbox.faults().rates(Map.of(Fault.LABELLED, 1.0));

    for (Map.Entry<Asked, String> each : take(List.of(Asked.values()), "COMPLETE").entrySet()) {
      Seen seen = seen(each.getKey(), each.getValue());
      assertThat(seen.resources().keySet())
          .isEqualTo(WHOLE.get(each.getKey()).resources().keySet());
      assertThat(seen.resources().values())
          .allSatisfy(
              resource -> {
                assertThat(resource.at("/meta/security").findValuesAsText("code")).contains("R");
                assertThat(resource.at("/meta/tag").findValuesAsText("code"))
                    .containsExactly("of-the-payer");
                assertThat(resource.at("/meta/profile").size()).isOne();
              });
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"TOO_MANY_JOBS", "TOO_COSTLY", "KICK_OFF_TRANSIENT"})
  void aPayerThatStartsNoJobAtFirstIsAskedAgain(Fault fault) throws Exception {
    sandbox.faults().next(RequestKind.KICK_OFF, fault, 4);
    // a match that is too costly has too many members, and this one has one
    int matches = fault == Fault.TOO_COSTLY ? 0 : 1;
    sandbox.faults().next(RequestKind.BULK_MATCH, fault, matches);

    for (Map.Entry<Asked, String> each : take(Asked.exporting(), "COMPLETE").entrySet()) {
      assertThat(seen(each.getKey(), each.getValue())).isEqualTo(WHOLE.get(each.getKey()));
    }
    assertThat(sandbox.requests().faults().get(RequestKind.KICK_OFF)).containsEntry(fault, 4);
    assertThat(sandbox.requests().faults().getOrDefault(RequestKind.BULK_MATCH, Map.of()).values())
        .hasSize(matches);
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"TOO_MANY_JOBS", "TOO_COSTLY", "KICK_OFF_TRANSIENT"})
  void noFilterIsLeftOutForAPayerThatOnlyStartsNoJobNow(Fault fault) throws Exception {
    sandbox.faults().next(RequestKind.KICK_OFF, fault, 1);

    String id = take(List.of(Asked.IBIS), "COMPLETE").get(Asked.IBIS);

    assertThat(seen(Asked.IBIS, id)).isEqualTo(WHOLE.get(Asked.IBIS));
    assertThat(sandbox.requests().received(RequestKind.KICK_OFF)).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({"POST_ONLY, HERON, BISON", "GET_ONLY, BISON, HERON"})
  void aPayerIsAskedAsItsKeySays(Fault fault, Asked served, Asked refused) throws Exception {
    sandbox.faults().rates(Map.of(fault, 1.0));

    String id = take(List.of(served), "COMPLETE").get(served);
    String other = take(List.of(refused), "FAILED").get(refused);

    assertThat(seen(served, id)).isEqualTo(WHOLE.get(served));
    assertThat(pipeline.transfer(other)).containsEntry("reason", "PAYER_REFUSED");
  }

  /** Of two that want more than the payer knows one is lenient, and gets what it knows. */
  @Test
  void aPayerThatDoesNotKnowAParameterLeavesItOutForWhoIsLenient() throws Exception {
    sandbox.faults().rates(Map.of(Fault.FORM_REFUSED, 1.0));

    String id = take(List.of(Asked.HERON), "COMPLETE").get(Asked.HERON);
    String other = take(List.of(Asked.BISON), "FAILED").get(Asked.BISON);

    assertThat(seen(Asked.HERON, id).resources().keySet())
        .noneMatch(each -> each.startsWith("Provenance/"))
        .hasSizeGreaterThan(20);
    assertThat(pipeline.transfer(other)).containsEntry("reason", "PAYER_REFUSED");
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"PAGE_GONE", "UNAVAILABLE", "RESET"})
  void aLaterPageOfAManifestThatGoesWrongOnceIsReadAgain(Fault fault) throws Exception {
    sandbox.faults().rates(Map.of(Fault.PAGES, 1.0));
    sandbox.faults().next(RequestKind.MANIFEST_PAGE, fault, 4);

    for (Map.Entry<Asked, String> each : take(Asked.exporting(), "COMPLETE").entrySet()) {
      assertThat(seen(each.getKey(), each.getValue())).isEqualTo(WHOLE.get(each.getKey()));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "PAGES NEXT_FOREIGN, FOREIGN_HOST",
    "PAGES NEXT_ITSELF, BAD_ANSWER",
    "JOB_FAILED_BY_STATUS EXPORT_STATUS, JOB_FAILED",
  })
  void whatLeadsNowhereFailsWithAReason(String faults, String reason) throws Exception {
    sandbox
        .faults()
        .rates(
            Arrays.stream(faults.split(" ", -1))
                .collect(Collectors.toMap(Fault::valueOf, each -> 1.0)));

    for (String id : take(Asked.exporting(), "FAILED").values()) {
      assertThat(pipeline.transfer(id)).containsEntry("reason", reason);
    }
  }

  /** The events of an export that members share are their batch's. */
  private static void assertAskedAnew(Asked asked, String id, boolean anew) {
    if (asked != Asked.IBIS) {
      assertThat(pipeline.events(id).contains("MANIFEST_NEEDED")).isEqualTo(anew);
    }
  }

  /** Has each asked for the same member once more; returns its transfers. */
  private static Map<Asked, String> take(List<Asked> payers, String state) throws IOException {
    return ended(send(payers), state);
  }

  private static Map<Asked, String> send(List<Asked> payers) throws IOException {
    Map<Asked, String> requests = new EnumMap<>(Asked.class);
    for (Asked asked : payers) {
      String request = asked.payer() + ++waves;
      if (asked.settings.startsWith("dialect=")) {
        PdexMember member = PdexMember.of(asked.payer(), 17);
        PdexPayer.drop(bundle.inbox(), List.of(member), request);
        requests.put(asked, request + member.coverageId());
      } else {
        pipeline.take(List.of(Pipeline.record(request, sample(asked))));
        requests.put(asked, request);
      }
    }
    return requests;
  }

  private static Map<Asked, String> ended(Map<Asked, String> requests, String state)
      throws IOException {
    Map<Asked, String> transfers = new EnumMap<>(Asked.class);
    for (Map.Entry<Asked, String> each : requests.entrySet()) {
      transfers.put(each.getKey(), pipeline.awaitEnd(each.getValue(), state));
    }
    return transfers;
  }

  private static Member sample(Asked asked) {
    return sandbox.sampleMembers().stream()
        .filter(member -> member.tenant().equals(asked.payer()))
        .filter(member -> member.scenario() == Scenario.PLAIN && member.groups().size() == 1)
        .findFirst()
        .orElseThrow();
  }

  private static Seen seen(Asked asked, String id) throws IOException {
    Map<String, JsonNode> resources = new TreeMap<>();
    try (Stream<Path> files = Files.list(pipeline.outbox(asked.payer(), id))) {
      for (Path file : files.filter(each -> each.toString().endsWith(".ndjson")).toList()) {
        for (String line : Files.readAllLines(file)) {
          JsonNode resource = JSON.readTree(line);
          if (!resource.path("resourceType").asText().equals("OperationOutcome")) {
            String reference =
                resource.path("resourceType").asText() + '/' + resource.path("id").asText();
            assertThat(resources.put(reference, resource)).as("%s twice", reference).isNull();
          }
        }
      }
    }
    return new Seen(
        resources,
        pipeline
            .column(
                """
                SELECT warnings FROM export_job WHERE transfer_id = ? AND warnings IS NOT NULL
                UNION ALL SELECT warnings FROM output_file
                  WHERE transfer_id = ? AND warnings IS NOT NULL
                UNION ALL SELECT warnings FROM delivery
                  WHERE transfer_id = ? AND warnings IS NOT NULL""",
                id,
                id,
                id)
            .stream()
            .flatMap(String::lines)
            .sorted()
            .toList());
  }
}
