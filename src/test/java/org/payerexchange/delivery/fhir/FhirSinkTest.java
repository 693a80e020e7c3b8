package org.payerexchange.delivery.fhir;

import static com.github.tomakehurst.wiremock.client.WireMock.containing;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.status;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.payerexchange.support.ReadyExports.output;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.hl7.fhir.r4.model.Binary;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.CarePlan;
import org.hl7.fhir.r4.model.Condition;
import org.hl7.fhir.r4.model.DecimalType;
import org.hl7.fhir.r4.model.DocumentReference;
import org.hl7.fhir.r4.model.Encounter;
import org.hl7.fhir.r4.model.Enumerations;
import org.hl7.fhir.r4.model.Observation;
import org.hl7.fhir.r4.model.Organization;
import org.hl7.fhir.r4.model.Patient;
import org.hl7.fhir.r4.model.Provenance;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.ServiceRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.NewFile;
import org.payerexchange.support.FhirTestServer;
import org.payerexchange.support.Gateway;
import org.payerexchange.support.ReadyExports;
import org.payerexchange.support.TestBundle;
import org.payerexchange.support.TestKeys;

/** The FHIR sink against a HAPI FHIR server over HTTP. */
class FhirSinkTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String ANN =
      """
      {"resourceType":"Parameters","id":"M1","parameter":[{"name":"MemberPatient","resource":
        {"resourceType":"Patient","birthDate":"2010-01-01","name":[{"family":"Doe","given":["Ann"]}],
         "identifier":[{"system":"urn:m","value":"SUB1"}]}}]}
      """;

  private static final String UNREADABLE =
      "{'resourceType':'Patient','id':'p','maritalStatus':{'text':'x','text':'y'}}\n";

  @RegisterExtension final Gateway gateway = new Gateway();
  @TempDir Path folder;

  private FhirTestServer server;
  private TestBundle bundle;

  @BeforeEach
  void prepare() throws Exception {
    server = FhirTestServer.start();
    bundle = ReadyExports.bundle(folder, gateway).set("p2p.deliver.fhir.base-url", server.url());
  }

  @AfterEach
  void close() throws Exception {
    bundle.close();
    server.close();
  }

  @Test
  void whatTheServerWillNotHaveIsKeptWithItsOutcomeAndTheTransferIsCompleteWithAWarning()
      throws Exception {
    server.refuse(resource -> resource.getIdElement().getIdPart().endsWith(".o13"));
    bundle.set("p2p.deliver.fhir.bundle-size", "10").start();

    String id = deliver(file("Observation", observations(1, 25)));

    assertThat(server.resources()).hasSize(25).doesNotContainKey("Observation/bison.o13");
    List<JsonNode> undeliverable = undeliverable(id);
    assertThat(undeliverable).hasSize(1);
    assertThat(undeliverable.get(0).path("file").asText()).isEqualTo("Observation-1.ndjson");
    assertThat(undeliverable.get(0).path("line").asInt()).isEqualTo(13);
    assertThat(undeliverable.get(0).path("status").asInt()).isEqualTo(422);
    assertThat(undeliverable.get(0).at("/resource/id").asText()).isEqualTo("bison.o13");
    assertThat(undeliverable.get(0).at("/outcome/issue/0/diagnostics").asText())
        .contains("not wanted");
    assertThat(manifest(id).path("warnings").toString())
        .contains("fhir: 1 resource(s) not taken by the FHIR server, see undeliverable.ndjson");
    assertThat(warnings(id)).isEqualTo(1);
  }

  @Test
  void muchThatTheServerSaysOfEachEntryCostsNoEntryItsStatus() throws Exception {
    server
        .explain(40)
        .answerEntries(
            entry ->
                entry.getResource() instanceof Observation
                        && !entry.getRequest().getUrl().endsWith("7")
                    ? 422
                    : 0);
    bundle.set("p2p.deliver.fhir.bundle-type", "batch").start();

    String id = deliver(file("Observation", observations(1, 200)));

    assertThat(server.resources()).hasSize(21).containsKey("Observation/bison.o197");
    List<JsonNode> undeliverable = undeliverable(id);
    assertThat(undeliverable).hasSize(180);
    for (JsonNode each : undeliverable) {
      JsonNode issues = each.at("/outcome/issue");
      assertThat(issues.size()).isBetween(10, 40);
      assertThat(issues.get(0).path("diagnostics").asText()).isEqualTo("as told");
      assertThat(issues.get(9).path("expression").get(0).asText())
          .isEqualTo("Observation.component[9].code");
      assertThat(issues.get(issues.size() - 1).path("diagnostics").asText())
          .isEqualTo("%s more issue(s) are left out".formatted(41 - issues.size()));
    }
    assertThat(warnings(id)).isEqualTo(1);
  }

  @Test
  void anEntryThatTheServerFailsAtIsTriedAgainAlone() throws Exception {
    AtomicInteger failures = new AtomicInteger(3);
    server.answerEntries(
        entry ->
            entry.getRequest().getUrl().endsWith(".o2") && failures.getAndDecrement() > 0
                ? 500
                : 0);
    bundle.set("p2p.deliver.fhir.bundle-type", "batch").start();

    String id = deliver(file("Observation", observations(1, 3)));

    assertThat(server.resources()).containsKey("Observation/bison.o2");
    assertThat(warnings(id)).isZero();
    assertThat(
            server.received().stream()
                .flatMap(sent -> sent.getEntry().stream())
                .filter(entry -> entry.getRequest().getUrl().equals("Observation/bison.o1")))
        .hasSize(1);
  }

  @Test
  void aServerThatAlwaysFailsAtOneEntryDoesNotHoldTheTransferUpForever() throws Exception {
    server.answerEntries(entry -> entry.getRequest().getUrl().endsWith(".o2") ? 500 : 0);
    bundle.set("p2p.deliver.fhir.bundle-type", "batch").start();

    String id = deliver(file("Observation", observations(1, 3)));

    assertThat(undeliverable(id)).hasSize(1);
    assertThat(warnings(id)).isEqualTo(1);
  }

  @Test
  void aBusyServerSlowsTheSinkDownAndNothingFails() throws Exception {
    server.answerOnce(429, "1").answerOnce(503, null);
    bundle.set("p2p.retry.deadline", "1ms").start();

    String id = deliver(file("Observation", observations(1, 3)));

    assertThat(server.resources()).hasSize(4);
    assertThat(warnings(id)).isZero();
    assertThat(bundle.jdbc().sql("SELECT sink FROM sink_gate").query(String.class).list())
        .containsExactly("fhir");
    assertThat(server.requestTimes().get(1).minus(Duration.ofMillis(900)))
        .isAfter(server.requestTimes().get(0));
  }

  @Test
  void whatWasRefusedFirstUndoesNoLaterChangeThatWasMade() throws Exception {
    Set<String> refused = ConcurrentHashMap.newKeySet();
    server.answerEntries(
        entry ->
            entry.getResource() instanceof Observation observation
                    && observation.getStatus() == Observation.ObservationStatus.PRELIMINARY
                    && refused.add(entry.getRequest().getUrl())
                ? 422
                : 0);
    bundle.set("p2p.deliver.fhir.bundle-type", "batch").start();
    String early =
        "{'resourceType':'Observation','id':'%s','status':'preliminary','code':{'text':'x'}}\n";
    gateway.stub(
        get(urlEqualTo("/v1/bison/later")).willReturn(ok(observations(2, 1).replace('\'', '"'))));

    String id =
        deliver(
            file(
                "Observation",
                early.formatted("o1")
                    + early.formatted("o2")
                    + early.formatted("o3")
                    + early.formatted("o4")
                    + observations(1, 1)),
            output("Observation", gateway.url() + "/v1/bison/later"),
            file(
                FileKind.DELETED,
                "Bundle",
                "{'resourceType':'Bundle','type':'transaction','entry':["
                    + "{'request':{'method':'DELETE','url':'Observation/o3'}}]}"));

    assertThat(server.resources()).doesNotContainKey("Observation/bison.o3");
    assertThat(
            Stream.of("o1", "o2", "o4")
                .map(o -> server.resource(Observation.class, "Observation/bison." + o).getStatus()))
        .containsExactly(
            Observation.ObservationStatus.FINAL,
            Observation.ObservationStatus.FINAL,
            Observation.ObservationStatus.PRELIMINARY);
    assertThat(warnings(id)).isZero();
  }

  @Test
  void resourcesThatReferToEachOtherInACircleArriveTogether() throws Exception {
    server.insistOnReferences();
    bundle.start();
    String encounter =
        "{'resourceType':'Encounter','id':'e1','status':'finished','class':{'code':'AMB'},"
            + "'diagnosis':[{'condition':{'reference':'Condition/c1'}}]}";
    String condition =
        "{'resourceType':'Condition','id':'c1','subject':{'display':'x'},"
            + "'encounter':{'reference':'Encounter/e1'}}";

    String id = deliver(file("Condition", condition), file("Encounter", encounter));

    assertThat(server.resources().keySet()).contains("Encounter/bison.e1", "Condition/bison.c1");
    assertThat(server.dangling()).isEmpty();
    assertThat(warnings(id)).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"transaction", "batch"})
  void circlesThatAreLongOrFarApartAreClosed(String type) throws Exception {
    server.insistOnReferences();
    bundle
        .set("p2p.deliver.fhir.bundle-size", "4")
        .set("p2p.deliver.fhir.bundle-type", type)
        .start();

    String id =
        deliver(
            file("Condition", conditions(20)),
            file("Encounter", encounters(20)),
            file(
                "Observation",
                IntStream.range(0, 10)
                    .mapToObj(i -> observation("c" + i, "Observation/c" + (i + 1) % 10))
                    .collect(Collectors.joining())));

    assertThat(warnings(id)).isZero();
    assertThat(server.resources()).hasSize(51);
    assertThat(server.dangling()).isEmpty();
    assertThat(server.resource(Encounter.class, "Encounter/bison.e7").getDiagnosisFirstRep())
        .extracting(diagnosis -> diagnosis.getCondition().getReference())
        .isEqualTo("Condition/bison.c7");
    assertThat(
            server
                .resource(Observation.class, "Observation/bison.c9")
                .getHasMemberFirstRep()
                .getReference())
        .isEqualTo("Observation/bison.c0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"transaction", "batch"})
  void onlyWhatRefersToSomethingLaterIsWrittenTwice(String type) throws Exception {
    server.insistOnReferences();
    bundle
        .set("p2p.deliver.fhir.bundle-size", "4")
        .set("p2p.deliver.fhir.bundle-type", type)
        .start();
    String claims =
        IntStream.range(0, 6)
            .mapToObj(
                i ->
                    "{'resourceType':'Claim','id':'k%1$d','status':'active','item':[{'sequence':1,'encounter':[{'reference':'Encounter/e%1$d'}]}]}\n"
                        .formatted(i))
            .collect(Collectors.joining());

    String id =
        deliver(
            file("Claim", claims),
            file("Condition", conditions(6)),
            file("Encounter", encounters(6)),
            file("Observation", observation("o0", "Condition/c0")));

    assertThat(warnings(id)).isZero();
    assertThat(server.dangling()).isEmpty();
    assertThat(versions("Encounter")).containsOnly(2);
    assertThat(versions("Condition", "Claim", "Observation")).hasSize(13).containsOnly(1);
  }

  @Test
  void aCircleWithinOneBundleIsWrittenOnceThoughItRefersToSomethingLater() throws Exception {
    server.insistOnReferences();
    bundle.start();
    String observations =
        observation("o1", "Observation/o2")
            + observation("o2", "Observation/o1")
            + observation("o3", "QuestionnaireResponse/none")
            + observation("o4", "MolecularSequence/m1");

    String id =
        deliver(
            file(
                "MolecularSequence",
                "{'resourceType':'MolecularSequence','id':'m1','coordinateSystem':0}"),
            file("Observation", observations));

    assertThat(warnings(id)).isOne();
    assertThat(server.versions("Observation/bison.o1")).isOne();
    assertThat(server.versions("Observation/bison.o2")).isOne();
    assertThat(server.versions("Observation/bison.o4")).isEqualTo(2);
    assertThat(server.dangling()).isEmpty();
  }

  private List<Integer> versions(String... types) {
    return server.resources().keySet().stream()
        .filter(url -> Stream.of(types).anyMatch(type -> url.startsWith(type + "/")))
        .map(server::versions)
        .toList();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatRefersToAResourceThatIsRefusedArrivesWithoutTheReference(boolean strict)
      throws Exception {
    server.refuse(resource -> resource instanceof Encounter);
    if (strict) {
      server.insistOnReferences();
    }
    bundle.start();

    String id =
        deliver(
            file("Encounter", encounters(1)),
            file("Condition", conditions(1)),
            file("Observation", observation("o1", "Condition/c0")));

    assertThat(undeliverable(id).stream().map(left -> left.path("url").asText()))
        .containsExactly("Encounter/bison.e0");
    assertThat(warnings(id)).isEqualTo(2);
    assertThat(manifest(id).path("warnings").toString()).contains("fhir: 1 reference(s) to what");
    assertThat(server.dangling()).isEmpty();
    Reference visit = server.resource(Condition.class, "Condition/bison.c0").getEncounter();
    assertThat(visit.getReference()).isNull();
    assertThat(visit.getIdentifier().getSystem()).isEqualTo(base() + "/Encounter");
    assertThat(visit.getIdentifier().getValue()).isEqualTo("e0");
    assertThat(
            server
                .resource(Observation.class, "Observation/bison.o1")
                .getHasMemberFirstRep()
                .getReference())
        .isEqualTo("Condition/bison.c0");
  }

  @Test
  void aLinkInAnElementThatIsCalledReferenceComesBackWithoutTheOneThatIsRefused() throws Exception {
    server.insistOnReferences().refuse(resource -> resource instanceof ServiceRequest);
    bundle.start();
    String subject = "'subject':{'reference':'Patient/p1'}";

    String id =
        deliver(
            file("Patient", "{'resourceType':'Patient','id':'p1'}"),
            file(
                "CarePlan",
                "{'resourceType':'CarePlan','id':'c1',"
                    + subject
                    + ",'activity':[{'reference':{'reference':'ServiceRequest/s1'}},"
                    + "{'reference':{'reference':'MedicationRequest/m1'}}]}"),
            file("ServiceRequest", "{'resourceType':'ServiceRequest','id':'s1'," + subject + "}"),
            file(
                "MedicationRequest",
                "{'resourceType':'MedicationRequest','id':'m1'," + subject + "}"));

    assertThat(undeliverable(id).stream().map(left -> left.path("url").asText()))
        .containsExactly("ServiceRequest/bison.s1");
    CarePlan plan = server.resource(CarePlan.class, "CarePlan/bison.c1");
    assertThat(plan.getActivity().stream().map(activity -> activity.getReference().getReference()))
        .containsExactly(null, "MedicationRequest/bison.m1");
    assertThat(plan.getActivityFirstRep().getReference().getIdentifier().getValue())
        .isEqualTo("s1");
    assertThat(manifest(id).path("warnings").toString()).contains("fhir: 1 reference(s) to what");
    assertThat(server.dangling()).isEmpty();
  }

  @Test
  void anAttachmentAndAReferenceOfOneTargetThatIsRefusedEachSayWhatTheyWere() throws Exception {
    server.refuse(resource -> resource instanceof Binary);
    bundle.start();
    String attachment = "'content':[{'attachment':{'url':'Binary/b1'}}]";
    String related = "'context':{'related':[{'reference':'Binary/b1'}]}";
    String document = "{'resourceType':'DocumentReference','id':'%s','status':'current',%s,%s}\n";

    String id =
        deliver(
            file("Binary", "{'resourceType':'Binary','id':'b1','contentType':'text/plain'}"),
            file(
                "DocumentReference",
                document.formatted("d1", attachment, related)
                    + document.formatted("d2", related, attachment)));

    assertThat(undeliverable(id)).hasSize(1);
    for (String each : List.of("d1", "d2")) {
      DocumentReference there =
          server.resource(DocumentReference.class, "DocumentReference/bison." + each);
      assertThat(there.getContentFirstRep().getAttachment().getUrl())
          .isEqualTo(base() + "/Binary/b1");
      Reference reference = there.getContext().getRelatedFirstRep();
      assertThat(reference.getReference()).isNull();
      assertThat(reference.getIdentifier().getSystem()).isEqualTo(base() + "/Binary");
      assertThat(reference.getIdentifier().getValue()).isEqualTo("b1");
    }
  }

  private static String encounters(int count) {
    return IntStream.range(0, count)
        .mapToObj(
            i ->
                """
                {'resourceType':'Encounter','id':'e%1$d','status':'finished','class':{'code':'AMB'},\
                'diagnosis':[{'condition':{'reference':'Condition/c%1$d'}}]}
                """
                    .formatted(i))
        .collect(Collectors.joining());
  }

  private static String conditions(int count) {
    return IntStream.range(0, count)
        .mapToObj(
            i ->
                """
                {'resourceType':'Condition','id':'c%1$d','subject':{'display':'x'},\
                'encounter':{'reference':'Encounter/e%1$d'}}
                """
                    .formatted(i))
        .collect(Collectors.joining());
  }

  private static String observation(String id, String member) {
    return """
        {'resourceType':'Observation','id':'%s','status':'final','code':{'text':'x'},\
        'hasMember':[{'reference':'%s'}]}
        """
        .formatted(id, member);
  }

  @Test
  void everyKindOfReferenceIsTreatedByItsRule() throws Exception {
    putPatient("bison.known");
    bundle.start();

    deliver(
        file(
            "Observation",
            "{'resourceType':'Observation','id':'o1','status':'final','code':{'text':'x'},"
                + "'contained':[{'resourceType':'Practitioner','id':'in'}],"
                + "'subject':{'reference':'Patient/known'},"
                + "'encounter':{'reference':'Encounter/unknown','display':'kept'},"
                + "'specimen':{'reference':'urn:uuid:5c0ffee0-0000-0000-0000-000000000001'},"
                + "'hasMember':[{'reference':'Observation/o2/_history/3'},"
                + "{'reference':'"
                + gateway.url()
                + "/v1/bison/fhir/Observation/o2'},"
                + "{'reference':'https://elsewhere.example/fhir/Observation/9'},"
                + "{'reference':'Observation?code=x'}],"
                + "'performer':[{'reference':'#in'}]}\n"
                + "{'resourceType':'Observation','id':'o2','status':'final','code':{'text':'x'},"
                + "'valueQuantity':{'value':1.50}}"));

    Observation first = server.resource(Observation.class, "Observation/bison.o1");
    assertThat(first.getSubject().getReference()).isEqualTo("Patient/bison.known");
    assertThat(first.getEncounter().getReference()).isNull();
    assertThat(first.getEncounter().getIdentifier().getValue()).isEqualTo("unknown");
    assertThat(first.getEncounter().getIdentifier().getSystem()).isEqualTo(base() + "/Encounter");
    assertThat(first.getEncounter().getDisplay()).isEqualTo("kept");
    assertThat(first.getSpecimen().getIdentifier().getValue()).startsWith("urn:uuid:");
    assertThat(first.getHasMember().stream().map(Reference::getReference).toList())
        .containsExactly(
            "Observation/bison.o2",
            "Observation/bison.o2",
            "https://elsewhere.example/fhir/Observation/9",
            null);
    assertThat(first.getPerformerFirstRep().getReference()).isEqualTo("#in");
    assertThat(
            server
                .resource(Observation.class, "Observation/bison.o2")
                .getValueQuantity()
                .getValue())
        .isEqualTo(new BigDecimal("1.50"));
  }

  @Test
  void attachmentsLeadToTheBinariesThatCameAlong() throws Exception {
    bundle.start();

    String id =
        deliver(
            file(
                "Binary",
                IntStream.rangeClosed(1, 5)
                    .mapToObj(
                        i ->
                            "{'resourceType':'Binary','id':'b%d','contentType':'text/plain','data':'SGVsbG8='}\n"
                                .formatted(i))
                    .collect(Collectors.joining())),
            file(
                "DocumentReference",
                document("d1", base() + "/Binary/b1")
                    + document("d2", "Binary/b2")
                    + document("d3", "/Binary/b3")
                    + document("d4", "Binary/b4/_history/1")
                    + document("d5", base() + "/bulk-data/r4/Binary/b5")
                    + document("d6", "/Binary/never")
                    + document("d7", base() + "/r4/Binary/never")
                    + document("d8", "https://elsewhere.example/Binary/b1")));

    assertThat(
            IntStream.rangeClosed(1, 8)
                .mapToObj(i -> "DocumentReference/bison.d" + i)
                .map(url -> server.resource(DocumentReference.class, url))
                .map(document -> document.getContentFirstRep().getAttachment().getUrl()))
        .containsExactly(
            "Binary/bison.b1",
            "Binary/bison.b2",
            "Binary/bison.b3",
            "Binary/bison.b4",
            "Binary/bison.b5",
            base() + "/Binary/never",
            base() + "/r4/Binary/never",
            "https://elsewhere.example/Binary/b1");
    assertThat(warnings(id)).isZero();
  }

  @Test
  void aTargetIsThereHoweverLargeItIs() throws Exception {
    server.put(binary("b1", 5_000_000));
    server.insistOnReferences();
    bundle.start();

    String id = deliver(file("DocumentReference", document("d1", "Binary/b1")));

    assertThat(attachment("d1")).isEqualTo("Binary/bison.b1");
    assertThat(warnings(id)).isZero();
  }

  @Test
  void whatIsTooLargeToBeAskedForTogetherIsAskedForInHalves() throws Exception {
    server.put(binary("b1", 700_000));
    server.put(binary("b2", 700_000));
    server.put(binary("b3", 3_000_000));
    bundle.set("p2p.http.max-answer-bytes", "65536").start();

    String id =
        deliver(
            file(
                "DocumentReference",
                document("d1", "Binary/b1")
                    + document("d2", "Binary/b2")
                    + document("d3", "Binary/b3")
                    + document("d4", "Binary/never")));

    assertThat(Stream.of("d1", "d2", "d3", "d4").map(this::attachment))
        .containsExactly(
            "Binary/bison.b1", "Binary/bison.b2", "Binary/bison.b3", base() + "/Binary/never");
    assertThat(warnings(id)).isZero();
    assertThat(
            server.received().stream()
                .map(sent -> sent.getEntry())
                .filter(sent -> sent.get(0).getRequest().getMethod() == Bundle.HTTPVerb.GET)
                .map(List::size))
        .as("questions")
        .containsExactlyInAnyOrder(4, 2, 2, 1, 1);
  }

  @Test
  void whatAServerSendsBackUnaskedIsPassedOver() throws Exception {
    server.sendBack();
    bundle.start();
    String large = "{'resourceType':'Observation','id':'large','note':[{'text':'%s'}]}\n";

    String id = deliver(file("Observation", large.formatted(noise(3 << 20)) + observations(1, 1)));

    assertThat(server.resources().keySet())
        .contains("Observation/bison.large", "Observation/bison.o1");
    assertThat(warnings(id)).isZero();
  }

  private static Binary binary(String id, int length) {
    Binary binary = new Binary();
    binary.setId("bison." + id);
    binary.setContentType("text/plain").setData(new byte[length]);
    return binary;
  }

  private String attachment(String document) {
    return server
        .resource(DocumentReference.class, "DocumentReference/bison." + document)
        .getContentFirstRep()
        .getAttachment()
        .getUrl();
  }

  private static String document(String id, String url) {
    return """
        {'resourceType':'DocumentReference','id':'%s','status':'current',\
        'content':[{'attachment':{'contentType':'text/plain','url':'%s'}}]}
        """
        .formatted(id, url);
  }

  @Test
  void aSearchByIdentifierBecomesTheIdentifier() throws Exception {
    bundle.start();

    String id =
        deliver(
            file(
                "Observation",
                "{'resourceType':'Observation','id':'o1','status':'final','code':{'text':'x'},"
                    + "'performer':["
                    + "{'reference':'Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|9999999'},"
                    + "{'reference':'/Practitioner?identifier=http%3A%2F%2Fhl7.org%2Ffhir%2Fsid%2Fus-npi%7C8'},"
                    + "{'reference':'"
                    + base()
                    + "/Organization?identifier=7'}]}"));

    List<Reference> performers =
        server.resource(Observation.class, "Observation/bison.o1").getPerformer();
    assertThat(
            performers.stream()
                .map(
                    by ->
                        by.getReference()
                            + " "
                            + by.getType()
                            + " "
                            + by.getIdentifier().getSystem()
                            + " "
                            + by.getIdentifier().getValue()))
        .containsExactly(
            "null Practitioner http://hl7.org/fhir/sid/us-npi 9999999",
            "null Practitioner http://hl7.org/fhir/sid/us-npi 8",
            "null Organization null 7");
    assertThat(warnings(id)).isZero();
  }

  @Test
  void whatIsCutIsCountedInOneWarning() throws Exception {
    bundle.set("p2p.deliver.fhir.bundle-size", "2").start();

    String id =
        deliver(
            file(
                "Observation",
                observation("o1", "Observation/never")
                    + observation("o2", "Observation/never")
                    + observation("o3", "Observation?code=x")
                    + observation("o4", "urn:uuid:never")),
            file("Condition", conditions(1)));

    assertThat(manifest(id).path("warnings").toString())
        .contains(
            "fhir: 5 reference(s) to what neither came along nor is at the FHIR server were cut");
    assertThat(warnings(id)).isEqualTo(1);
  }

  @Test
  void whatAPayerSaysOfTheServerItselfOrUnderOurSystemsIsNotBelieved() throws Exception {
    putPatient("heron.other");
    bundle.start();

    String id =
        deliver(
            file(
                "Patient",
                "{'resourceType':'Patient','id':'p1','meta':{'source':'urn:x','tag':["
                    + "{'system':'urn:payer-exchange:payer','code':'heron'},"
                    + "{'system':' URN:Payer-Exchange:transfer','code':'t'},"
                    + "{'system':'urn:other','code':'kept'}]},"
                    + "'identifier':[{'system':'urn:payer-exchange:member','value':'M-2'}],"
                    + "'extension':[{'url':'urn:payer-exchange:resource-count','valueDecimal':1}],"
                    + "'generalPractitioner':[{'reference':'"
                    + server.url()
                    + "/Practitioner/heron.1'},{'reference':'"
                    + server.url().replace("/fhir", "//x/../%66hir/")
                    + "/Practitioner/heron.1'}],"
                    + "'managingOrganization':{'identifier':{'system':'urn:payer-exchange:payer','value':'heron'}},"
                    + "'link':[{'type':'seealso','other':{'reference':'"
                    + server.url().replace("http", "HTTPS")
                    + "/Patient/heron.other'}}]}"));

    Patient patient = server.resource(Patient.class, "Patient/bison.p1");
    assertThat(patient.getMeta().getTag().stream().map(tag -> tag.getSystem() + tag.getCode()))
        .containsExactly("urn:otherkept", "urn:payer-exchange:payerbison");
    assertThat(patient.getMeta().getSource()).isEqualTo(base());
    assertThat(identifiers("Patient/bison.p1")).containsExactly(base() + "/Patient|p1");
    assertThat(patient.getExtension()).isEmpty();
    assertThat(patient.getManagingOrganization().hasIdentifier()).isFalse();
    assertThat(patient.getLinkFirstRep().getOther().getReference()).isNull();
    assertThat(patient.getGeneralPractitioner())
        .extracting(Reference::getReference)
        .containsOnlyNulls();
    assertThat(manifest(id).path("warnings").toString()).contains("fhir: 3 reference(s)");
  }

  @Test
  void whatIsNoPartOfAMembersHistoryIsLeftOver() throws Exception {
    bundle.set("p2p.deliver.fhir.more-types", "ValueSet, Questionnaire").start();
    String endpoint = "'channel':{'type':'rest-hook','endpoint':'https://away.example'}";

    String id =
        deliver(
            file("Subscription", "{'resourceType':'Subscription','id':'s1'," + endpoint + "}"),
            file("Questionnaire", "{'resourceType':'Questionnaire','id':'q1','status':'active'}"),
            file("Observation", observations(1, 1)),
            file(
                FileKind.DELETED,
                "Bundle",
                "{'resourceType':'Bundle','type':'transaction','entry':["
                    + "{'request':{'method':'DELETE','url':'Subscription/s1'}}]}"));

    assertThat(server.resources().keySet())
        .containsExactlyInAnyOrder(
            "Questionnaire/bison.q1", "Observation/bison.o1", "Provenance/bison.transfer-" + id);
    assertThat(server.received())
        .as("servers refuse a Bundle of nothing")
        .noneMatch(sent -> sent.getEntry().isEmpty());
    assertThat(undeliverable(id)).hasSize(2);
    assertThat(undeliverable(id).get(0).at("/outcome/issue/0/diagnostics").asText())
        .contains("p2p.deliver.fhir.more-types");
    assertThat(warnings(id)).isEqualTo(1);
    assertThat(outbox(id).resolve("Subscription-1.ndjson")).exists();
  }

  @Test
  void aDeleteOfAVersionOrByAQueryIsNoneOfTheResource() throws Exception {
    putPatient("bison.kept");
    putPatient("bison.gone");
    bundle.set("p2p.payers.bison.trusted-hosts", "files.example").start();
    String entry = "{'request':{'method':'DELETE','url':'%s'}}";

    String id =
        deliver(
            file(
                FileKind.DELETED,
                "Bundle",
                Stream.of(
                        "Patient/kept/_history/1",
                        base() + "/Patient/kept/_history/1",
                        "Patient?_id=kept",
                        "Patient?identifier=kept",
                        "Patient/kept?x=1",
                        "Patient/kept#x",
                        "urn:uuid:kept",
                        "Patient",
                        "https://elsewhere.example/Patient/kept",
                        "https://files.example/other/fhir/Patient/kept",
                        base().replace("/v1/bison", "/v1/other") + "/Patient/kept",
                        "v1/other/Patient/kept",
                        "Patient/x/_history/Patient/kept",
                        server.url() + "/Patient/bison.kept",
                        base() + "/Patient/gone")
                    .map(entry::formatted)
                    .collect(
                        Collectors.joining(
                            ",",
                            "{'resourceType':'Bundle','type':'transaction','entry':[",
                            "]}"))));

    assertThat(server.resources().keySet())
        .containsExactlyInAnyOrder("Patient/bison.kept", "Provenance/bison.transfer-" + id);
    assertThat(undeliverable(id)).hasSize(14);
  }

  @Test
  void aPatientOfAServerThatIsTrustedWithFilesIsNoneOfThePayers() throws Exception {
    putPatient("bison.7");
    bundle.set("p2p.payers.bison.trusted-hosts", "files.example").start();
    String reference = "https://files.example/other/fhir/Patient/7";

    deliver(
        file(
            "Observation",
            "{'resourceType':'Observation','id':'o1','status':'final','code':{'text':'x'},'subject':{'reference':'%s'}}\n"
                .formatted(reference)));

    assertThat(server.resources().get("Observation/bison.o1"))
        .isInstanceOfSatisfying(
            Observation.class,
            sent -> assertThat(sent.getSubject().getReference()).isEqualTo(reference));
  }

  @Test
  void aNumberOfAbsurdSizeLeavesItsLineOver() throws Exception {
    bundle.start();
    String line = "{'resourceType':'Observation','id':'n','valueQuantity':{'value':%s}}\n";

    String id =
        deliver(
            file(
                "Observation",
                Stream.of("1e99999999999", "1e999999999", "-1E-999999999", "1.5e99999999999999999")
                        .map(line::formatted)
                        .collect(Collectors.joining())
                    + observations(1, 1)));

    assertThat(server.resources()).containsKey("Observation/bison.o1").hasSize(2);
    assertThat(undeliverable(id)).hasSize(4);
  }

  @Test
  void theNewerOfTwoVersionsWinsWhereverItStands() throws Exception {
    bundle.start();
    gateway.stub(
        get(urlEqualTo("/v1/bison/more"))
            .willReturn(
                ok(
                    (patient("p2", "'versionId':'9'", "male")
                            + patient("p3", "'lastUpdated':'2026-01-01T00:00:00+01:00'", "male")
                            + patient("p4", "'versionId':'2'", "female"))
                        .replace('\'', '"'))));

    String id =
        deliver(
            file(
                "Patient",
                patient("p1", "'versionId':'2','lastUpdated':'2026-10-02T00:00:00Z'", "female")
                    + patient(
                        "p1", "'versionId':'1','lastUpdated':'2025-01-02T00:00:00Z'", "unknown")
                    + patient("p2", "'versionId':'10'", "female")
                    + patient("p3", "'lastUpdated':'2025-12-31T23:30:00Z'", "female")
                    + patient("p4", "'versionId':'1'", "male")
                    + patient("p5", "'versionId':'a'", "male")
                    + patient("p5", "'versionId':'b'", "female")),
            output("Patient", gateway.url() + "/v1/bison/more"));

    for (int i = 1; i <= 5; i++) {
      Patient patient = server.resource(Patient.class, "Patient/bison.p" + i);
      assertThat(patient.getGender()).isEqualTo(Enumerations.AdministrativeGender.FEMALE);
      assertThat(server.versions("Patient/bison.p" + i)).isEqualTo(i == 5 ? 2 : 1);
    }
    assertThat(warnings(id)).isZero();
  }

  private void putPatient(String id) {
    Patient patient = new Patient();
    patient.setId(id);
    server.put(patient);
  }

  private static String patient(String id, String meta, String gender) {
    return "{'resourceType':'Patient','id':'%s','meta':{%s},'gender':'%s'}\n"
        .formatted(id, meta, gender);
  }

  @Test
  void whatIsTakenOutOfTheOutboxBeforeTheServerHasItCostsNoReferenceToIt() throws Exception {
    bundle.set("p2p.shutdown.timeout", "1s").start();
    bundle.context().getRouteController().stopRoute("deliver-to-sink");
    String encounter =
        "{'resourceType':'Encounter','id':'e1','status':'finished','class':{'code':'AMB'},"
            + "'diagnosis':[{'condition':{'reference':'Condition/c1'}}]}";
    String condition = "{'resourceType':'Condition','id':'c1','subject':{'display':'x'}}";
    String id =
        ReadyExports.in(bundle).of(file("Encounter", encounter), file("Condition", condition));
    bundle.awaitStored(id, 2);
    Files.delete(outbox(id).resolve("Condition-2.ndjson"));

    bundle.context().getRouteController().startRoute("deliver-to-sink");

    bundle.awaitEnd(id, "COMPLETE");
    assertThat(((Encounter) server.resources().get("Encounter/bison.e1")).getDiagnosis())
        .extracting(each -> each.getCondition().getReference())
        .containsExactly("Condition/bison.c1");
    assertThat(warnings(id)).isZero();
    assertThat(outbox(id).resolve("Condition-2.ndjson")).exists();
  }

  @Test
  void aSecondTransferPutsTheSameContent() throws Exception {
    bundle.start();
    NewFile patients =
        file("Patient", patient("p1", "'versionId':'1','profile':['urn:p']", "female"));
    NewFile observations =
        file("Observation", observation("o1", "Observation/never") + observations(2, 2));

    deliver(patients, observations);
    deliver(patients, observations);

    server.resources().keySet().stream()
        .filter(url -> !url.startsWith("Provenance/"))
        .forEach(url -> assertThat(server.versions(url)).as(url).isEqualTo(1));
  }

  @ParameterizedTest
  @ValueSource(ints = {405, 501})
  void aServerWithoutTransactionsGetsTheProvenanceToo(int status) throws Exception {
    server.answerTransactions(status);
    bundle.start();

    String id = deliver(file("Observation", observations(1, 3)));

    assertThat(server.resources().keySet()).hasSize(4).contains("Provenance/bison.transfer-" + id);
    assertThat(warnings(id)).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {409, 412})
  void aConflictAboutWhatMembersShareIsNoFailure(int status) throws Exception {
    server.answerEntries(entry -> isChangeOf("Organization", entry.getRequest()) ? status : 0);
    server.put((Organization) new Organization().setId("Organization/bison.g1"));
    bundle.set("p2p.deliver.fhir.bundle-type", "batch").start();

    String id =
        deliver(
            file("Organization", "{'resourceType':'Organization','id':'g1'}"),
            file("Observation", observations(1, 1)),
            file(
                FileKind.DELETED,
                "Bundle",
                "{'resourceType':'Bundle','type':'transaction','entry':["
                    + "{'request':{'method':'DELETE','url':'Organization/g2'}}]}"));

    assertThat(warnings(id)).isZero();
    assertThat(outbox(id).resolve("undeliverable.ndjson")).doesNotExist();
  }

  @Test
  void aConflictAboutSomethingSharedThatIsNotThereIsLeftOver() throws Exception {
    server.answerEntries(entry -> isChangeOf("Organization", entry.getRequest()) ? 412 : 0);
    bundle.set("p2p.deliver.fhir.bundle-type", "batch").start();

    String id =
        deliver(
            file("Organization", "{'resourceType':'Organization','id':'g1'}"),
            file("Observation", observations(1, 1)));

    assertThat(undeliverable(id).stream().map(left -> left.path("url").asText()))
        .containsExactly("Organization/bison.g1");
    assertThat(warnings(id)).isOne();
  }

  private static boolean isChangeOf(String type, Bundle.BundleEntryRequestComponent request) {
    return request.getMethod() != Bundle.HTTPVerb.GET && request.getUrl().startsWith(type + "/");
  }

  @Test
  void whatIsDeletedAtThePayerIsDeletedAndWhatIsGoneAlreadyDoesNotMatter() throws Exception {
    putPatient("bison.old");
    bundle.start();

    String id =
        deliver(
            file(
                FileKind.DELETED,
                "Bundle",
                "{'resourceType':'Bundle','type':'transaction','entry':["
                    + "{'request':{'method':'DELETE','url':'Patient/old'}},"
                    + "{'request':{'method':'DELETE','url':'Patient/never'}}]}\n"
                    + "{'resourceType':'Bundle','type':'transaction','entry':["
                    + "{'request':{'method':'POST','url':'Patient'}}]}"),
            file("Observation", observations(1, 1)));

    assertThat(server.resources()).doesNotContainKey("Patient/bison.old");
    assertThat(undeliverable(id)).hasSize(1);
    assertThat(undeliverable(id).get(0).path("line").asInt()).isEqualTo(2);
    assertThat(
            server.received().stream()
                .map(sent -> sent.getEntryFirstRep().getRequest().getMethod())
                .toList())
        .startsWith(Bundle.HTTPVerb.PUT, Bundle.HTTPVerb.DELETE);
  }

  @Test
  void anErrorFileIsKeptAndSummedUpByItsCodes() throws Exception {
    bundle.start();

    String id =
        deliver(
            file("Observation", observations(1, 1)),
            file(
                FileKind.ERROR,
                "OperationOutcome",
                "{'resourceType':'OperationOutcome','issue':[{'severity':'error','code':'not-found',"
                    + "'diagnostics':'Erika Mustermann'},{'severity':'warning','code':'incomplete'}]}"));

    assertThat(manifest(id).path("warnings").toString())
        .contains("the payer reports 2 issue(s): error/not-found 1, warning/incomplete 1")
        .doesNotContain("Erika");
    assertThat(outbox(id).resolve("OperationOutcome-2.ndjson")).exists();
    assertThat(server.resources()).hasSize(2);
  }

  @Test
  void aProvenanceNamesThePayerTheTimeAndTheCountAndPointsToTheMember() throws Exception {
    bundle.start();
    String request =
        "{'resourceType':'Parameters','id':'M-1','parameter':[{'name':'MemberPatient','resource':"
            + "{'resourceType':'Patient','birthDate':'1980-02-29','name':[{'family':'Testperson'}],"
            + "'identifier':[{'system':'https://new.example/member','value':'N-7'}]}}]}";

    String id =
        deliver(
            request.replace('\'', '"'),
            file("Observation", observations(1, 4)),
            file(
                "Patient",
                "{'resourceType':'Patient','id':'spouse','birthDate':'1981-01-01',"
                    + "'name':[{'family':'Testperson'}]}\n"
                    + "{'resourceType':'Patient','id':'me','birthDate':'1980-02-29',"
                    + "'name':[{'family':'TESTPERSON'}]}"));

    Provenance provenance = server.resource(Provenance.class, "Provenance/bison.transfer-" + id);
    assertThat(provenance.getTargetFirstRep().getReference()).isEqualTo("Patient/bison.me");
    assertThat(provenance.getOccurredDateTimeType().getValueAsString())
        .isEqualTo("2026-11-23T00:00:00.000Z");
    assertThat(provenance.getRecorded()).isNotNull();
    assertThat(provenance.getAgentFirstRep().getWho().getIdentifier().getValue())
        .isEqualTo("bison");
    assertThat(
            ((DecimalType)
                    provenance.getExtensionByUrl(TransferProvenance.COUNT_EXTENSION).getValue())
                .getValue()
                .intValue())
        .isEqualTo(6);
    assertThat(identifiers("Patient/bison.me"))
        .containsExactly(
            "https://new.example/member|N-7",
            "urn:payer-exchange:member|M-1",
            base() + "/Patient|me");
    assertThat(identifiers("Patient/bison.spouse")).containsExactly(base() + "/Patient|spouse");
  }

  /** Twins have one birth date and family name, and a subscriber's number is the family's. */
  @Test
  void ofAFamilyOnlyWhoIsLikeTheMemberInMostIsTheMember() throws Exception {
    bundle.start();

    String id =
        deliver(
            ANN,
            file(
                "Patient",
                person("ben", "'Doe'", "'Ben'", "2010-01-01", "")
                    + person("ann", "'Doe'", "'Anna','ANN'", "2010-01-01", "")
                    + person(
                        "father",
                        "'Doe'",
                        "'Ann'",
                        "1980-01-01",
                        "{'system':'urn:m','value':'SUB1'}")
                    + person(
                        "mother", "'Doe'", "'Ann'", "1982", "{'system':'urn:x','value':'SUB1'}")));

    assertThat(identifiers("Patient/bison.ann"))
        .contains("urn:m|SUB1", "urn:payer-exchange:member|M1");
    assertThat(server.resources().keySet())
        .filteredOn(url -> url.startsWith("Patient/") && !url.endsWith(".ann"))
        .hasSize(3)
        .noneMatch(url -> identifiers(url).contains("urn:payer-exchange:member|M1"));
    assertThat(warnings(id)).isZero();
  }

  @Test
  void twoRecordsOfThePayersThatAreAlikeInAllAreBothTheMember() throws Exception {
    bundle.start();
    String number = "{'system':'urn:m','value':'SUB1'}";

    String id =
        deliver(
            ANN,
            file(
                "Patient",
                person("medical", "'Doe'", "'Ann'", "2010-01-01", number)
                    + person("ben", "'Doe'", "'Ben'", "2010-01-01", number)
                    + person("dental", "'Doe'", "'Ann'", "2010-01-01", number)));

    assertThat(
            server.resources().keySet().stream()
                .filter(url -> url.startsWith("Patient/"))
                .filter(url -> identifiers(url).contains("urn:payer-exchange:member|M1")))
        .containsExactlyInAnyOrder("Patient/bison.medical", "Patient/bison.dental");
    assertThat(warnings(id)).isZero();
  }

  @Test
  void aPatientThatCameInTwoVersionsIsTheOnlyOne() throws Exception {
    bundle.start();

    deliver(
        ANN,
        file(
            "Patient",
            person("p1", "'Roe'", "'Ann'", "2010-01-01", "")
                + person("p1", "'Smith'", "'Ann'", "2010-01-01", "")
                    .replace("{'resourceType'", "{'meta':{'versionId':'2'},'resourceType'")));

    assertThat(identifiers("Patient/bison.p1")).contains("urn:payer-exchange:member|M1");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      delimiter = '|',
      value = {
        "'Bea' | 2010-01-01 | {'system':'urn:m','value':'SUB1'} | 'Ann' | 2010-01-01 | {'value':'2'}",
        "'A.'  | 2010-01-01 | {'value':'1'} | 'B.' | 2010-01-01 | {'value':'2'}",
        "'Ann' | 2010-01-02 | {'system':'urn:m','value':'SUB1'} | 'Ann' | 2011 | {'value':'SUB1'}",
        "'Ann' | 2011-01-01 | {'system':'urn:payer-exchange:member','value':'M1'} | 'B.' | 2009-01-01 | {'value':'2'}"
      })
  void whereNobodyIsTheMemberForCertainNobodyGetsItsIdentifiersAndAWarningSaysSo(
      String given, String born, String number, String otherGiven, String otherBorn, String other)
      throws Exception {
    bundle.start();

    String id =
        deliver(
            ANN,
            file(
                "Patient",
                person("p1", "'Doe'", given, born, number)
                    + person("p2", "'Doe'", otherGiven, otherBorn, other)));

    assertThat(Stream.of("Patient/bison.p1", "Patient/bison.p2").map(this::identifiers))
        .hasSize(2)
        .noneMatch(all -> all.contains("urn:payer-exchange:member|M1"));
    assertThat(manifest(id).path("warnings").toString())
        .contains("fhir: none of the Patients is the member for certain");
    assertThat(warnings(id)).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"true, 2010", "false, 1980-01-01"})
  void thatNobodyElseCanBeReadMakesNobodyTheMember(boolean unreadable, String born)
      throws Exception {
    bundle.start();

    String id =
        deliver(
            ANN,
            file(
                "Patient",
                (unreadable ? UNREADABLE : "")
                    + person("ben", "'Doe'", "'Ben'", born, "{'system':'urn:m','value':'SUB1'}")));

    assertThat(identifiers("Patient/bison.ben")).doesNotContain("urn:payer-exchange:member|M1");
    assertThat(manifest(id).path("warnings").toString())
        .contains("fhir: none of the Patients is the member for certain");
  }

  @Test
  void whoHasTheMembersNamesAndBirthDateIsTheMemberBesideALineThatCannotBeRead() throws Exception {
    bundle.start();

    deliver(ANN, file("Patient", UNREADABLE + person("a", "'Doe'", "'Ann'", "2010-01-01", "")));

    assertThat(identifiers("Patient/bison.a")).contains("urn:payer-exchange:member|M1");
  }

  private static String person(
      String id, String family, String given, String born, String identifier) {
    return "{'resourceType':'Patient','id':'%s','name':[{'family':%s,'given':[%s]}],'birthDate':'%s','identifier':[%s]}\n"
        .formatted(id, family, given, born, identifier)
        .replace(",'identifier':[]", "");
  }

  @ParameterizedTest
  @ValueSource(strings = {"transaction", "batch"})
  void aServerThatKeepsTheBundleAsAResourceHasMadeNoneOfItsChanges(String type) throws Exception {
    gateway.stub(
        post(urlEqualTo("/fhir/Bundle/"))
            .willReturn(
                okJson(
                    "{'resourceType':'Bundle','id':'b','type':'%s','entry':[{'request':{'method':'PUT'},'response':{'status':'200'}}]}"
                        .formatted(type)
                        .replace('\'', '"'))));
    bundle
        .set("p2p.deliver.fhir.base-url", gateway.url() + "/fhir/Bundle")
        .set("p2p.deliver.fhir.bundle-type", type)
        .set("p2p.retry.deadline", "1ms")
        .start();

    String id = ReadyExports.in(bundle).of(List.of(file("Observation", observations(1, 1))), "{}");

    bundle.awaitEnd(id, "FAILED");
    assertThat(bundle.jdbc().sql("SELECT reason FROM transfer").query(String.class).single())
        .isEqualTo("RETRY_DEADLINE");
  }

  @Test
  void aBaseUrlWhereNoFhirServerIsFailsTheTransferAndLeavesNothingOver() throws Exception {
    bundle.set("p2p.deliver.fhir.base-url", server.url() + "/r4").start();

    String id = ReadyExports.in(bundle).of(List.of(file("Observation", observations(1, 3))), "{}");
    bundle.awaitEnd(id, "FAILED");

    assertThat(bundle.jdbc().sql("SELECT reason FROM transfer").query(String.class).single())
        .isEqualTo("SINK_REFUSED");
    assertThat(outbox(id).resolve("undeliverable.ndjson")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 404, 405, 501})
  void aReferenceOfATypeThatTheServerDoesNotKnowIsCutAndTheResourceArrives(int status)
      throws Exception {
    server.insistOnReferences();
    server.answerEntries(
        entry -> entry.getRequest().getUrl().startsWith("NutritionIntake/") ? status : 0);
    bundle.start();

    String id =
        deliver(file("Observation", observation("o1", "NutritionIntake/n1") + observations(2, 1)));

    assertThat(server.resources()).containsKeys("Observation/bison.o1", "Observation/bison.o2");
    assertThat(server.dangling()).isEmpty();
    assertThat(manifest(id).path("warnings").toString()).contains("fhir: 1 reference(s)");
    assertThat(outbox(id).resolve("undeliverable.ndjson")).doesNotExist();
  }

  @Test
  void anIdentifierOfTheRequestBringsNoReferenceOfItsSender() throws Exception {
    server.insistOnReferences();
    bundle.start();
    String request =
        "{'resourceType':'Parameters','parameter':[{'name':'MemberPatient','resource':"
            + "{'resourceType':'Patient','identifier':[{'system':'https://new.example/member',"
            + "'value':'N-7','assigner':{'reference':'Organization/sender','display':'New Plan'}},"
            + "{'value':'N-8','assigner':{'reference':'#payer'}}]}}]}";

    String id =
        deliver(
            request.replace('\'', '"'), file("Patient", "{'resourceType':'Patient','id':'p1'}"));

    assertThat(identifiers("Patient/bison.p1"))
        .containsExactly("https://new.example/member|N-7", "null|N-8", base() + "/Patient|p1");
    Reference assigner =
        server.resource(Patient.class, "Patient/bison.p1").getIdentifierFirstRep().getAssigner();
    assertThat(assigner.getReference()).isNull();
    assertThat(assigner.getDisplay()).isEqualTo("New Plan");
    assertThat(warnings(id)).isZero();
  }

  @Test
  void badLinesStopNoGoodOnes() throws Exception {
    bundle.start();
    String endless = "1".repeat(5_000);

    String id =
        deliver(
            file(
                "Observation",
                observations(1, 1)
                    + "{'resourceType':'Observation','status':'final','code':{'text':'no id'}}\n"
                    + "{'resourceType':'Observation','id':'huge','valueInteger':"
                    + endless
                    + "}\n"
                    + observations(1, 1)
                    + "{'resourceType':'Observation','id':'"
                    + "x".repeat(64)
                    + "','status':'final','code':{'text':'x'},"
                    + "'hasMember':[{'reference':'Observation/"
                    + "x".repeat(64)
                    + "'}]}\n"),
            file("Nonsense", "{'resourceType':'Nonsense','id':'n1'}"));

    assertThat(undeliverable(id).stream().map(left -> left.path("line").asInt()).toList())
        .containsExactly(3, 1);
    assertThat(undeliverable(id).get(1).path("file").asText()).isEqualTo("Nonsense-2.ndjson");
    assertThat(server.dangling()).isEmpty();
    assertThat(server.resources().keySet().stream().filter(url -> url.startsWith("Observation")))
        .hasSize(3)
        .contains("Observation/bison.o1")
        .anyMatch(url -> url.matches("Observation/bison\\.content-.*|Observation/[0-9a-f]{64}"));
    assertThat(warnings(id)).isEqualTo(1);
  }

  @Test
  void aLinkOfAFragmentAloneStopsNoLine() throws Exception {
    bundle.start();

    String id =
        deliver(
            file("Observation", observation("o0", "https://#x") + observations(1, 1)),
            file("DocumentReference", document("d1", "https://#x") + document("d2", "//#x")));

    assertThat(server.resources().keySet())
        .contains(
            "Observation/bison.o0",
            "Observation/bison.o1",
            "DocumentReference/bison.d1",
            "DocumentReference/bison.d2");
    assertThat(warnings(id)).isZero();
  }

  @Test
  void aTextWhereAnObjectOrAListBelongsStopsNoGoodLine() throws Exception {
    bundle.start();

    String id =
        deliver(
            file(
                "Observation",
                "{'resourceType':'Observation','id':'m','meta':'x'}\n"
                    + "{'resourceType':'Observation','id':'t','meta':{'tag':'x'}}\n"
                    + observations(1, 2)),
            file("Patient", "{'resourceType':'Patient','id':'p','identifier':{'value':'x'}}"));

    assertThat(undeliverable(id)).hasSize(3);
    assertThat(server.resources().keySet())
        .contains("Observation/bison.o1", "Observation/bison.o2");
  }

  @Test
  void aLineOfMoreThan16MiBAndOneThatIsNoUtf8FailTheirFilesAndTheOtherFilesArrive()
      throws Exception {
    bundle.start();
    String large = "{'resourceType':'Condition','id':'c1','note':[{'text':'%s'}]}";
    gateway.stub(
        get(urlEqualTo("/v1/bison/latin-1"))
            .willReturn(
                ok().withBody(
                        "{\"resourceType\":\"Patient\",\"id\":\"J\u00fcrgen\"}"
                            .getBytes(StandardCharsets.ISO_8859_1))));

    String id =
        ReadyExports.in(bundle)
            .of(
                List.of(
                    file("Condition", large.formatted(noise(16 * 1024 * 1024))),
                    output("Patient", gateway.url() + "/v1/bison/latin-1"),
                    file("Observation", observations(1, 2))),
                "{}");
    bundle.awaitEnd(id, "FAILED");

    assertThat(
            bundle
                .jdbc()
                .sql("SELECT state || ' ' || COALESCE(reason, '') FROM output_file ORDER BY number")
                .query(String.class)
                .list())
        .containsExactly("FAILED FILE_INVALID", "FAILED FILE_INVALID", "STORED ");
    assertThat(server.resources().keySet())
        .containsExactlyInAnyOrder(
            "Observation/bison.o1", "Observation/bison.o2", "Provenance/bison.transfer-" + id);
  }

  /** Packed on its way, it does not shrink by more than is taken. */
  private static String noise(int length) {
    return new Random(1)
        .ints(length, 'a', 'q')
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  @Test
  void aResourceOfNearly16MiBGoesToTheServerAlone() throws Exception {
    bundle.start();
    String large = "{'resourceType':'Observation','id':'large','note':[{'text':'%s'}]}\n";

    String id =
        deliver(
            file(
                "Observation",
                observations(1, 2)
                    + large.formatted(noise(16 * 1024 * 1024 - 100))
                    + observations(3, 2)));

    assertThat(warnings(id)).isZero();
    assertThat(server.received().stream().map(sent -> sent.getEntry().size()))
        .containsExactlyInAnyOrder(2, 1, 2, 1);
  }

  @Test
  void aTokenThatIsRefusedIsReplaced() throws Exception {
    gateway.stub(
        post(urlEqualTo("/fhir-token"))
            .willReturn(okJson("{\"access_token\":\"sink-token\",\"expires_in\":300}")));
    server.answerOnce(401, null);
    bundle
        .set("p2p.deliver.fhir.token-url", gateway.url() + "/fhir-token")
        .set("p2p.deliver.fhir.client-id", "me")
        .set("p2p.deliver.fhir.client-secret", "mine")
        .start();

    deliver(file("Observation", observations(1, 1)));

    assertThat(server.headers())
        .hasSizeGreaterThan(1)
        .allMatch(headers -> headers.get("authorization").equals("Bearer sink-token"));
    assertThat(
            gateway
                .server()
                .findAll(
                    com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor(
                        urlEqualTo("/fhir-token"))))
        .hasSize(2);
  }

  @Test
  void theSinkIsShownAKeyWhereItKnowsUsByOne() throws Exception {
    Path key = Files.writeString(folder.resolve("key.jwk"), TestKeys.P384);
    gateway.stub(
        post(urlEqualTo("/fhir-token"))
            .withRequestBody(containing("client_assertion=eyJ"))
            .willReturn(okJson("{\"access_token\":\"sink-token\",\"expires_in\":300}")));
    bundle
        .set("p2p.deliver.fhir.token-url", gateway.url() + "/fhir-token")
        .set("p2p.deliver.fhir.client-id", "me")
        .set("p2p.deliver.fhir.token-auth", "private_key_jwt")
        .set("p2p.deliver.fhir.private-key-file", key.toString())
        .start();

    deliver(file("Observation", observations(1, 1)));

    assertThat(server.headers())
        .isNotEmpty()
        .allMatch(headers -> headers.get("authorization").equals("Bearer sink-token"));
  }

  @Test
  void aBusyTokenEndpointSlowsTheSinkDownLikeABusyServer() throws Exception {
    gateway.stub(
        post(urlEqualTo("/fhir-token"))
            .willReturn(okJson("{\"access_token\":\"sink-token\",\"expires_in\":300}")));
    gateway.once(post(urlEqualTo("/fhir-token")), status(429).withHeader("Retry-After", "1"));
    bundle
        .set("p2p.deliver.fhir.token-url", gateway.url() + "/fhir-token")
        .set("p2p.deliver.fhir.client-id", "me")
        .set("p2p.deliver.fhir.client-secret", "mine")
        .set("p2p.retry.deadline", "1ms")
        .start();

    deliver(file("Observation", observations(1, 1)));

    assertThat(bundle.jdbc().sql("SELECT sink FROM sink_gate").query(String.class).list())
        .containsExactly("fhir");
  }

  @Test
  void aTokenEndpointThatRefusesHoldsTheSinkUntilItAgrees() throws Exception {
    gateway.stub(post(urlEqualTo("/fhir-token")).willReturn(status(401)));
    bundle
        .set("p2p.deliver.fhir.token-url", gateway.url() + "/fhir-token")
        .set("p2p.deliver.fhir.client-id", "me")
        .set("p2p.deliver.fhir.client-secret", "mine")
        .set("p2p.deliver.fhir.token-auth", "client_secret_basic")
        .set("p2p.token.refusal-memory", "300ms")
        .set("p2p.retry.deadline", "1ms")
        .start();
    gateway.inTurn(
        () -> post(urlEqualTo("/fhir-token")).withBasicAuth("me", "mine"),
        status(401).withBody("{\"error\":\"invalid_client\"}"),
        okJson("{\"access_token\":\"sink-token\"}"));

    deliver(file("Observation", observations(1, 1)));

    assertThat(server.resources()).containsKey("Observation/bison.o1");
    assertThat(
            bundle
                .jdbc()
                .sql("SELECT COUNT(*) FROM sink_gate WHERE refused_since IS NULL")
                .query(Long.class)
                .single())
        .isEqualTo(1);
  }

  @Test
  void aBearerTokenIsSentAsItIs() throws Exception {
    bundle.set("p2p.deliver.fhir.bearer-token", "sink-token").start();

    deliver(file("Observation", observations(1, 1)));

    assertThat(server.headers())
        .isNotEmpty()
        .allMatch(headers -> headers.get("authorization").equals("Bearer sink-token"));
  }

  @Test
  void aFileGoesInTransactionsOf200() throws Exception {
    bundle.start();

    deliver(file("Observation", observations(1, 450)));

    assertThat(server.received())
        .allMatch(sent -> sent.getType() == Bundle.BundleType.TRANSACTION)
        .extracting(sent -> sent.getEntry().size())
        .containsExactlyInAnyOrder(200, 200, 50, 1)
        .endsWith(1);
  }

  @Test
  void aStopInTheMiddleGoesOnWhereItWas() throws Exception {
    bundle
        .set("p2p.deliver.fhir.bundle-size", "1")
        .set("p2p.deliver.fhir.parallel-bundles", "1")
        .start();
    server.refuse(
        resource -> {
          if (resource.getIdElement().getIdPart().endsWith(".o3")) {
            server.answerOnce(503, "3600");
          }
          return false;
        });
    String id = ReadyExports.in(bundle).of(List.of(file("Observation", observations(1, 5))), "{}");
    await().atMost(PATIENCE).until(() -> server.resources().containsKey("Observation/bison.o3"));
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                bundle
                    .jdbc()
                    .sql(
                        "SELECT position FROM delivery JOIN step ON item = delivery.id WHERE kind = 'DELIVER' AND sink = 'fhir' AND attempts > 0")
                    .query(Long.class)
                    .list()
                    .equals(List.of(3L)));
    bundle.stop();
    server.refuse(resource -> false);
    int before = server.received().size();

    bundle.start();
    bundle
        .jdbc()
        .sql(
            "UPDATE step SET due_at = CURRENT_TIMESTAMP WHERE kind = 'DELIVER' AND due_at IS NOT NULL")
        .update();
    bundle.jdbc().sql("UPDATE sink_gate SET held_until = NULL").update();

    bundle.awaitEnd(id, "COMPLETE");
    assertThat(
            server.received().subList(before, server.received().size()).stream()
                .map(sent -> sent.getEntryFirstRep().getRequest().getUrl()))
        .startsWith("Observation/bison.o4", "Observation/bison.o5")
        .hasSize(3);
  }

  /** Its file, or the transfer's folder. */
  @ParameterizedTest
  @ValueSource(strings = {".fhir.left", ""})
  void whereWhatWasLeftOverIsLostAllIsSentAgainAndNoLinkIsMissing(String lost) throws Exception {
    server.insistOnReferences();
    bundle
        .set("p2p.deliver.fhir.bundle-size", "2")
        .set("p2p.deliver.fhir.parallel-bundles", "1")
        .start();
    server.refuse(
        resource -> {
          if (resource.getIdElement().getIdPart().endsWith(".o1")) {
            server.answerOnce(503, "3600");
          }
          return false;
        });
    String id =
        ReadyExports.in(bundle)
            .of(
                List.of(
                    file("Condition", conditions(2)),
                    file("Encounter", encounters(2)),
                    file("Observation", observations(1, 4))),
                "{}");
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                bundle
                    .jdbc()
                    .sql(
                        "SELECT position FROM delivery JOIN step ON item = delivery.id WHERE kind = 'DELIVER' AND sink = 'fhir' AND attempts > 0")
                    .query(Long.class)
                    .list()
                    .equals(List.of(2L)));
    bundle.stop();
    server.refuse(resource -> false);
    assertThat(server.dangling()).isEmpty();
    Path left = bundle.work().resolve(id).resolve(lost);
    try (Stream<Path> files = Files.walk(left)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }

    bundle.start();
    bundle
        .jdbc()
        .sql(
            "UPDATE step SET due_at = CURRENT_TIMESTAMP WHERE kind = 'DELIVER' AND due_at IS NOT NULL")
        .update();
    bundle.jdbc().sql("UPDATE sink_gate SET held_until = NULL").update();

    bundle.awaitEnd(id, "COMPLETE");
    assertThat(
            Stream.of("e0", "e1")
                .map(e -> server.resource(Encounter.class, "Encounter/bison." + e))
                .map(visit -> visit.getDiagnosisFirstRep().getCondition().getReference()))
        .containsExactly("Condition/bison.c0", "Condition/bison.c1");
    assertThat(
            Stream.of("c0", "c1")
                .map(c -> server.resource(Condition.class, "Condition/bison." + c))
                .map(condition -> condition.getEncounter().getReference()))
        .containsExactly("Encounter/bison.e0", "Encounter/bison.e1");
    assertThat(server.versions("Observation/bison.o1")).isOne();
    assertThat(server.resources()).containsKey("Provenance/bison.transfer-" + id).hasSize(9);
    assertThat(warnings(id)).isZero();
  }

  @Test
  void bundlesOfOneKindGoSideBySideAndKindsOneAfterTheOther() throws Exception {
    CountDownLatch together = new CountDownLatch(4);
    AtomicBoolean alone = new AtomicBoolean();
    server.beforeEach(
        () -> {
          together.countDown();
          if (!together.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            alone.set(true);
          }
          return null;
        });
    bundle.set("p2p.deliver.fhir.bundle-size", "5").start();

    String id =
        deliver(
            file("Observation", observations(1, 20)),
            file("Condition", conditions(20)),
            file("Encounter", encounters(20)));

    assertThat(alone).isFalse();
    assertThat(warnings(id)).isZero();
    assertThat(
            server.received().stream()
                .filter(sent -> sent.getType() == Bundle.BundleType.TRANSACTION)
                .map(sent -> sent.getEntryFirstRep().getResource().fhirType()))
        .startsWith("Encounter", "Encounter", "Encounter", "Encounter", "Condition")
        .endsWith("Observation", "Observation", "Observation", "Observation", "Provenance");
  }

  @Test
  void whatHasToDoWithOneAnotherGoesInItsOrder() throws Exception {
    server.insistOnReferences();
    bundle.set("p2p.deliver.fhir.bundle-size", "1").start();

    String id =
        deliver(
            file(
                "Observation",
                observations(0, 1)
                    + IntStream.range(1, 30)
                        .mapToObj(i -> observation("o" + i, "Observation/o" + (i - 1)))
                        .collect(Collectors.joining())
                    + patientless("o5")));

    assertThat(warnings(id)).isZero();
    assertThat(server.dangling()).isEmpty();
    assertThat(server.resource(Observation.class, "Observation/bison.o5").getStatus())
        .isEqualTo(Observation.ObservationStatus.AMENDED);
    assertThat(versions("Observation")).hasSize(30);
    assertThat(server.versions("Observation/bison.o5")).isEqualTo(2);
    assertThat(server.versions("Observation/bison.o6")).isOne();
  }

  private static String patientless(String id) {
    return "{'resourceType':'Observation','id':'%s','status':'amended','code':{'text':'x'}}\n"
        .formatted(id);
  }

  @Test
  void aServerThatWasBusyIsSentOneBundleAtATime() throws Exception {
    AtomicInteger before = new AtomicInteger();
    AtomicInteger beside = new AtomicInteger();
    server.beforeEach(
        () -> {
          int done = server.received().size();
          if (before.getAndIncrement() - 1 > done) {
            beside.incrementAndGet();
          }
          return null;
        });
    server.answerOnce(429, "1");
    bundle.set("p2p.deliver.fhir.bundle-size", "5").start();

    deliver(
        file("Organization", "{'resourceType':'Organization','id':'g1'}"),
        file("Observation", observations(1, 100)));

    assertThat(server.resources()).hasSize(102);
    assertThat(beside).hasValue(0);
  }

  @Test
  void whatIsNeverSentIsNoTargetAtAServerThatDoesNotLook() throws Exception {
    bundle.start();
    String endless = "{'resourceType':'Observation','id':'n','valueInteger':%s}\n";

    String id =
        deliver(
            file("Task", "{'resourceType':'Task','id':'t1','status':'draft','intent':'plan'}"),
            file(
                "CarePlan",
                "{'resourceType':'CarePlan','id':'c1','activity':[{'reference':{'reference':'Task/t1'}}]}"),
            file(
                "Observation",
                endless.formatted("1".repeat(5_000)) + observation("o1", "Observation/n")),
            file(
                "DiagnosticReport",
                "{'resourceType':'DiagnosticReport','id':'r1','result':[{'reference':'Observation/n'}]}"));

    assertThat(server.dangling()).isEmpty();
    assertThat(server.resources().keySet())
        .contains("CarePlan/bison.c1", "Observation/bison.o1", "DiagnosticReport/bison.r1");
    assertThat(manifest(id).path("warnings").toString())
        .contains("fhir: 3 reference(s) to what", "fhir: 2 resource(s) not taken");
    Reference task =
        server.resource(CarePlan.class, "CarePlan/bison.c1").getActivityFirstRep().getReference();
    assertThat(task.getIdentifier().getSystem()).isEqualTo(base() + "/Task");
    assertThat(task.getIdentifier().getValue()).isEqualTo("t1");
  }

  @Test
  void whatWasTakenWithAReferenceToWhatIsRefusedBesideItIsWrittenAgainWithoutIt() throws Exception {
    server.refuse(resource -> resource.getIdElement().getIdPart().endsWith(".o2"));
    bundle.start();

    String id =
        deliver(
            file(
                "Observation",
                observation("o1", "Observation/o2") + observation("o2", "Observation/o1")));

    assertThat(undeliverable(id)).hasSize(1);
    assertThat(server.dangling()).isEmpty();
    assertThat(
            server
                .resource(Observation.class, "Observation/bison.o1")
                .getHasMemberFirstRep()
                .getIdentifier()
                .getValue())
        .isEqualTo("o2");
    assertThat(manifest(id).path("warnings").toString()).contains("fhir: 1 reference(s) to what");
  }

  @Test
  void aVisitThatIsRefusedTakesNothingElseWithIt() throws Exception {
    server.refuse(resource -> resource instanceof Encounter);
    bundle.start();

    String id =
        deliver(
            file("Encounter", "{'resourceType':'Encounter','id':'e1','status':'finished'}"),
            file("Observation", observations(1, 2)));

    assertThat(undeliverable(id)).hasSize(1);
    assertThat(server.resources().keySet())
        .contains("Observation/bison.o1", "Observation/bison.o2");
  }

  private String base() {
    return gateway.url() + "/v1/bison";
  }

  private List<String> identifiers(String url) {
    return server.resource(Patient.class, url).getIdentifier().stream()
        .map(identifier -> identifier.getSystem() + "|" + identifier.getValue())
        .toList();
  }

  private String deliver(NewFile... files) {
    return deliver("{\"resourceType\":\"Parameters\"}", files);
  }

  private String deliver(String request, NewFile... files) {
    String id = ReadyExports.in(bundle).of(List.of(files), request);
    bundle.awaitEnd(id, "COMPLETE");
    return id;
  }

  private NewFile file(String type, String content) {
    return file(FileKind.OUTPUT, type, content);
  }

  private NewFile file(FileKind kind, String type, String content) {
    String path = "/v1/bison/" + kind + "-" + type;
    gateway.stub(get(urlEqualTo(path)).willReturn(ok(content.replace('\'', '"'))));
    return new NewFile(kind, type, output(type, gateway.url() + path).url(), true, null);
  }

  private int warnings(String id) {
    return bundle
        .jdbc()
        .sql("SELECT warnings FROM transfer WHERE id = ?")
        .param(id)
        .query(Integer.class)
        .single();
  }

  private Path outbox(String id) {
    return bundle.outbox().resolve("bison").resolve(id);
  }

  private JsonNode manifest(String id) throws Exception {
    return new ObjectMapper().readTree(outbox(id).resolve("manifest.json").toFile());
  }

  private List<JsonNode> undeliverable(String id) throws Exception {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(outbox(id).resolve("undeliverable.ndjson"))) {
      lines.add(new ObjectMapper().readTree(line));
    }
    return lines;
  }

  private static String observations(int first, int count) {
    return IntStream.range(first, first + count)
        .mapToObj(
            i ->
                "{'resourceType':'Observation','id':'o%d','status':'final','code':{'text':'x'}}\n"
                    .formatted(i))
        .collect(Collectors.joining());
  }
}
