package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ca.uhn.fhir.context.FhirContext;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.Encounter;
import org.hl7.fhir.r4.model.Resource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.ledger.store.TestDatabase;
import org.payerexchange.sandbox.LoadShape;
import org.payerexchange.sandbox.Member;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.sandbox.Scenario;
import org.payerexchange.support.FhirTestServer;
import org.payerexchange.support.JavaProcess;
import org.payerexchange.support.TestBundle;

/** The sample members' histories of ten types, from the inbox into a HAPI FHIR server over HTTP. */
class FhirServerTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final FhirContext FHIR = FhirContext.forR4Cached();
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  @Test
  void theHistoriesOfTwoPayersArriveTaggedAndEveryReferenceResolves() throws Exception {
    try (Sandbox sandbox = Sandbox.start(SandboxOptions.defaults());
        FhirTestServer server = FhirTestServer.start().insistOnReferences();
        TestBundle bundle = start(sandbox, server)) {
      Pipeline pipeline = new Pipeline(bundle);
      Member one = member(sandbox, "bison");
      Member other = member(sandbox, "heron");

      pipeline.take(List.of(Pipeline.record("r-1", one), Pipeline.record("r-2", other)));
      String id = pipeline.awaitEnd("r-1", "COMPLETE");
      pipeline.awaitEnd("r-2", "COMPLETE");

      Map<String, Resource> resources = server.resources();
      assertThat(server.dangling()).isEmpty();
      assertThat(types(resources)).hasSizeGreaterThanOrEqualTo(10);
      long delivered = resources("SELECT SUM(resources) FROM output_file", bundle);
      assertThat(withoutProvenance(resources)).hasSize((int) delivered);
      assertThat(withoutProvenance(resources).keySet())
          .allMatch(url -> url.matches("[A-Z][A-Za-z]+/(bison|heron)\\..+"));
      Resource patient = first(resources, "Patient/bison.");
      assertThat(patient.getMeta().getSource()).isEqualTo(sandbox.baseUrl("bison").toString());
      assertThat(tags(patient)).containsExactly("urn:payer-exchange:payer|bison");
      assertThat(pipeline.delivered("bison", id)).doesNotContain("undeliverable.ndjson");
      assertThat(pipeline.leftOf(id)).isEmpty();
    }
  }

  @Test
  void theSameHistoryDeliveredTwiceMakesNoNewVersions() throws Exception {
    try (Sandbox sandbox = Sandbox.start(SandboxOptions.defaults());
        FhirTestServer server = FhirTestServer.start();
        TestBundle bundle = start(sandbox, server)) {
      Pipeline pipeline = new Pipeline(bundle);
      Member member = member(sandbox, "bison");
      pipeline.take(List.of(Pipeline.record("r-1", member)));
      pipeline.awaitEnd("r-1", "COMPLETE");
      Map<String, Resource> first = server.resources();

      pipeline.take(List.of(Pipeline.record("r-2", member)));
      pipeline.awaitEnd("r-2", "COMPLETE");

      Map<String, Resource> second = server.resources();
      assertThat(json(second)).isEqualTo(json(first));
      assertThat(withoutProvenance(second).keySet()).allMatch(url -> server.versions(url) == 1);
    }
  }

  @Test
  void filesGoInAnOrderInWhichReferencesResolve() throws Exception {
    try (Sandbox sandbox = Sandbox.start(SandboxOptions.defaults());
        FhirTestServer server = FhirTestServer.start();
        TestBundle bundle = start(sandbox, server)) {
      Pipeline pipeline = new Pipeline(bundle);
      pipeline.take(List.of(Pipeline.record("r-1", member(sandbox, "bison"))));
      pipeline.awaitEnd("r-1", "COMPLETE");

      List<String> order =
          server.received().stream()
              .filter(sent -> sent.getType() == Bundle.BundleType.TRANSACTION)
              .map(sent -> sent.getEntry().get(0).getResource().fhirType())
              .distinct()
              .toList();
      assertThat(order)
          .containsSubsequence(
              "Organization",
              "Practitioner",
              "Location",
              "Patient",
              "Coverage",
              "Encounter",
              "Condition",
              "Observation",
              "ExplanationOfBenefit");
    }
  }

  @Test
  void whatOneNodeBeganIsFinishedByItAndAnotherWithoutADanglingReference() throws Exception {
    String url = TestDatabase.POSTGRESQL.newUrl(folder);
    try (Sandbox sandbox = Sandbox.start(SandboxOptions.defaults());
        FhirTestServer server = FhirTestServer.start().insistOnReferences();
        TestBundle one = node(url, sandbox, server).start();
        TestBundle other = node(url, sandbox, server)) {
      Pipeline pipeline = new Pipeline(one);
      AtomicBoolean paused = new AtomicBoolean();
      server.refuse(
          resource -> {
            if (resource instanceof Encounter && paused.compareAndSet(false, true)) {
              server.answerOnce(503, "5");
            }
            return false;
          });
      List<Member> members =
          sandbox.sampleMembers().stream()
              .filter(member -> member.scenario() == Scenario.PLAIN)
              .toList();

      pipeline.take(members.stream().map(each -> Pipeline.record(each.memberId(), each)).toList());
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  !pipeline
                      .column("SELECT sink FROM sink_gate WHERE held_until IS NOT NULL")
                      .isEmpty());
      assertThat(pipeline.column("SELECT sink FROM delivery WHERE place > 0")).isNotEmpty();
      one.stop();
      other.start();
      await().atMost(PATIENCE).until(() -> hasDeliveredForAnother(new Pipeline(other)));
      one.start();

      for (Member member : members) {
        pipeline.awaitEnd(member.memberId(), "COMPLETE");
      }
      assertThat(server.dangling()).isEmpty();
      assertThat(withoutProvenance(server.resources()).keySet())
          .containsExactlyInAnyOrderElementsOf(inOutbox(one));
      assertThat(server.resources().keySet())
          .filteredOn(resource -> resource.startsWith("Provenance/"))
          .hasSameSizeAs(members);
      assertThat(pipeline.column("SELECT detail FROM transfer WHERE warnings > 0")).isEmpty();
    }
  }

  @Test
  void aProcessThatIsKilledWithBundlesInFlightLosesNothingAndMakesNoNewVersion(@TempDir Path own)
      throws Exception {
    String key = "p2p.deliver.fhir.base-url";
    String size = "p2p.deliver.fhir.bundle-size";
    try (Sandbox sandbox =
            Sandbox.start(SandboxOptions.builder().load(new LoadShape(2, 200_000)).build());
        FhirTestServer server = FhirTestServer.start()) {
      AtomicInteger requests = new AtomicInteger();
      CountDownLatch inFlight = new CountDownLatch(2);
      CountDownLatch killed = new CountDownLatch(1);
      server.beforeEach(
          () -> {
            if (requests.incrementAndGet() > 6) {
              inFlight.countDown();
              killed.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
            return null;
          });
      try (JavaProcess child =
          BundleProcess.start(own, sandbox, "-Xmx256m", key + "=" + server.url(), size + "=10")) {
        Pipeline.drop(
            own.resolve("inbox"), List.of(Pipeline.record("killed", Members.load("bison", 1))));
        assertThat(inFlight.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        child.kill();
      }
      killed.countDown();

      try (TestBundle again =
          Pipeline.payer(TestBundle.in(own), "bison", sandbox)
              .set(key, server.url())
              .set(size, "10")
              .start()) {
        String id = new Pipeline(again).awaitEnd("killed", "COMPLETE");

        Map<String, Resource> resources = withoutProvenance(server.resources());
        assertThat(resources)
            .hasSize((int) resources("SELECT SUM(resources) FROM output_file", again));
        assertThat(server.resources()).containsKey("Provenance/bison.transfer-" + id);
        assertThat(server.resources().keySet()).allMatch(url -> server.versions(url) == 1);
        assertThat(puts(server).values()).allMatch(times -> times <= 2);
      }
    }
  }

  private static Map<String, Long> puts(FhirTestServer server) {
    return server.received().stream()
        .flatMap(sent -> sent.getEntry().stream())
        .filter(entry -> entry.getRequest().getMethod() == Bundle.HTTPVerb.PUT)
        .collect(
            Collectors.groupingBy(entry -> entry.getRequest().getUrl(), Collectors.counting()));
  }

  private static boolean hasDeliveredForAnother(Pipeline pipeline) {
    return !pipeline
        .column(
            """
            SELECT actor FROM transfer_event WHERE what = 'DELIVERY_DONE'
              AND actor NOT IN (SELECT actor FROM transfer_event WHERE what = 'RECEIVED')""")
        .isEmpty();
  }

  private TestBundle start(Sandbox sandbox, FhirTestServer server) throws Exception {
    return bundle(sandbox, server).start();
  }

  private TestBundle node(String url, Sandbox sandbox, FhirTestServer server) {
    return bundle(sandbox, server)
        .set("p2p.database.url", url)
        .set("p2p.database.user", "postgres")
        .set("p2p.deliver.max-parallel", "1");
  }

  private TestBundle bundle(Sandbox sandbox, FhirTestServer server) {
    TestBundle bundle = TestBundle.in(folder).set("p2p.deliver.fhir.base-url", server.url());
    Pipeline.payer(bundle, "bison", sandbox);
    Pipeline.payer(bundle, "heron", sandbox);
    return bundle;
  }

  private static Member member(Sandbox sandbox, String tenant) {
    return sandbox.sampleMembers().stream()
        .filter(member -> member.tenant().equals(tenant) && member.groups().size() == 1)
        .findFirst()
        .orElseThrow();
  }

  private static long resources(String sql, TestBundle bundle) {
    return bundle.jdbc().sql(sql).query(Long.class).single();
  }

  private static Map<String, Resource> withoutProvenance(Map<String, Resource> resources) {
    return resources.entrySet().stream()
        .filter(resource -> !resource.getKey().startsWith("Provenance/"))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  private static Map<String, String> json(Map<String, Resource> resources) {
    Map<String, String> json = new TreeMap<>();
    withoutProvenance(resources)
        .forEach(
            (url, resource) -> {
              json.put(url, FHIR.newJsonParser().encodeResourceToString(resource));
            });
    return json;
  }

  /** The resources of the delivered files, by the URLs that they are to have at the server. */
  private static Set<String> inOutbox(TestBundle bundle) throws IOException {
    Set<String> urls = new TreeSet<>();
    try (Stream<Path> files = Files.walk(bundle.outbox())) {
      for (Path file : (Iterable<Path>) files.filter(FhirServerTest::isNdjson)::iterator) {
        Path payer = bundle.outbox().relativize(file).getName(0);
        for (String line : Files.readAllLines(file)) {
          JsonNode resource = JSON.readTree(line);
          urls.add(
              "%s/%s.%s"
                  .formatted(
                      resource.path("resourceType").asText(), payer, resource.path("id").asText()));
        }
      }
    }
    return urls;
  }

  private static boolean isNdjson(Path file) {
    return file.toString().endsWith(".ndjson");
  }

  private static Resource first(Map<String, Resource> resources, String prefix) {
    return resources.entrySet().stream()
        .filter(resource -> resource.getKey().startsWith(prefix))
        .findFirst()
        .orElseThrow()
        .getValue();
  }

  private static Set<String> types(Map<String, Resource> resources) {
    return resources.values().stream()
        .map(Resource::fhirType)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static List<String> tags(Resource resource) {
    return resource.getMeta().getTag().stream().map(FhirServerTest::text).toList();
  }

  private static String text(Coding tag) {
    return tag.getSystem() + "|" + tag.getCode();
  }
}
