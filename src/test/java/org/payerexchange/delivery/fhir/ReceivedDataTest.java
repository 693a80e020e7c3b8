package org.payerexchange.delivery.fhir;

import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.payerexchange.support.ReadyExports.output;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.hl7.fhir.r4.model.Base;
import org.hl7.fhir.r4.model.CanonicalType;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.Meta;
import org.hl7.fhir.r4.model.Observation;
import org.hl7.fhir.r4.model.Patient;
import org.hl7.fhir.r4.model.Provenance;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.NewFile;
import org.payerexchange.support.FhirTestServer;
import org.payerexchange.support.Gateway;
import org.payerexchange.support.ReadyExports;
import org.payerexchange.support.TestBundle;

/** What a receiver owes to the data that it has got from another payer. */
class ReceivedDataTest {
  private static final String ABSENT =
      "[{'url':'http://hl7.org/fhir/StructureDefinition/data-absent-reason','valueCode':'masked'}]";

  @RegisterExtension final Gateway gateway = new Gateway();
  @TempDir Path folder;

  private FhirTestServer server;
  private TestBundle bundle;

  @BeforeEach
  void prepare() throws Exception {
    server = FhirTestServer.start();
    bundle = ReadyExports.bundle(folder, gateway).set("p2p.deliver.fhir.base-url", server.url());
    bundle.start();
  }

  @AfterEach
  void close() throws Exception {
    bundle.close();
    server.close();
  }

  @Test
  void theIdAtThePayerStaysAsAnIdentifierOnceHoweverOftenItIsSent() throws Exception {
    server.answerOnce(500, null).answerOnce(503, "1");
    String long70 = "x".repeat(70);
    NewFile[] files = {
      file(
          "Patient",
          "{'resourceType':'Patient','id':'p1','identifier':[{'system':'urn:a','value':'1'}]}\n"
              + "{'resourceType':'Patient','id':'p2','identifier':[{'system':'%s/Patient','value':'p2'}]}\n"
                  .formatted(base())
              + "{'resourceType':'Patient','id':'%s'}\n".formatted(long70)
              + "{'resourceType':'Patient','active':true}"),
      file("Binary", "{'resourceType':'Binary','id':'b1','contentType':'text/plain'}"),
      file(
          "QuestionnaireResponse",
          "{'resourceType':'QuestionnaireResponse','id':'q1','status':'completed'}\n"
              + "{'resourceType':'QuestionnaireResponse','id':'q2','status':'completed',"
              + "'identifier':{'system':'urn:a','value':'2'}}")
    };

    deliver(files);
    String id = deliver(files);

    assertThat(identifiers("Patient/bison.p1")).containsExactly("urn:a|1", base() + "/Patient|p1");
    assertThat(identifiers("Patient/bison.p2")).containsExactly(base() + "/Patient|p2");
    assertThat(
            server.resources().keySet().stream()
                .filter(url -> url.startsWith("Patient/") && !url.startsWith("Patient/bison.p"))
                .flatMap(url -> identifiers(url).stream()))
        .containsExactly(base() + "/Patient|" + long70);
    assertThat(identifiers("QuestionnaireResponse/bison.q1"))
        .containsExactly(base() + "/QuestionnaireResponse|q1");
    assertThat(identifiers("QuestionnaireResponse/bison.q2")).containsExactly("urn:a|2");
    assertThat(server.resources()).containsKey("Binary/bison.b1");
    assertThat(server.resources().keySet()).allMatch(url -> server.versions(url) == 1);
    assertThat(warnings(id)).isEmpty();
  }

  @Test
  void aReferenceThatLeadsNowhereHasTheIdentifierThatItsTargetWouldHave() throws Exception {
    deliver(file("Observation", observation("o1", "'subject':{'reference':'Patient/p1'}")));
    deliver(file("Patient", "{'resourceType':'Patient','id':'p1'}"));

    Identifier meant =
        server.resource(Observation.class, "Observation/bison.o1").getSubject().getIdentifier();

    assertThat(identifiers("Patient/bison.p1"))
        .containsExactly(meant.getSystem() + "|" + meant.getValue());
  }

  @Test
  void anIdAtThePayerMakesNobodyElseTheMember() throws Exception {
    String request =
        "{'resourceType':'Parameters','parameter':[{'name':'MemberPatient','resource':"
            + "{'resourceType':'Patient','identifier':[{'system':'urn:new','value':'7'}]}}]}";
    List<NewFile> files =
        List.of(
            file(
                "Patient",
                "{'resourceType':'Patient','id':'7'}\n"
                    + "{'resourceType':'Patient','id':'8','identifier':[{'value':'7'}]}"));

    bundle.awaitEnd(ReadyExports.in(bundle).of(files, request.replace('\'', '"')), "COMPLETE");

    assertThat(identifiers("Patient/bison.7")).containsExactly(base() + "/Patient|7");
    assertThat(identifiers("Patient/bison.8")).contains("urn:new|7");
  }

  @Test
  void aProvenanceIsKeptAndItsTargetsLeadToWhatCameAlong() throws Exception {
    server.insistOnReferences();
    String uuid = "5c0ffee0-0000-4000-8000-000000000001";
    String targets =
        Stream.of(
                "Patient/p1",
                "/Observation/o1",
                base() + "/Observation/o1",
                "Observation/o1/_history/3",
                base() + "/Patient/p1/_history/2",
                "urn:uuid:" + uuid,
                "Observation/never")
            .map("{'reference':'%s'}"::formatted)
            .collect(Collectors.joining(",", "'target':[", "]"));
    String agent =
        "'agent':[{'type':{'coding':[{'system':'http://hl7.org/fhir/us/core/CodeSystem/"
            + "us-core-provenance-participant-type','code':'transmitter'}]},"
            + "'who':{'reference':'Organization/r1'}}]";

    String id =
        deliver(
            file(
                "Provenance",
                "{'resourceType':'Provenance','id':'v1','recorded':'2026-01-02T03:04:05Z',%s,%s}"
                    .formatted(targets, agent)),
            file("Patient", "{'resourceType':'Patient','id':'p1'}"),
            file("Organization", "{'resourceType':'Organization','id':'r1','name':'Plan'}"),
            file("Observation", observation("o1", "'x':1") + observation(uuid, "'x':1")));

    Provenance kept = server.resource(Provenance.class, "Provenance/bison.v1");
    assertThat(kept.getTarget().stream().map(Reference::getReference))
        .containsExactly(
            "Patient/bison.p1",
            "Observation/bison.o1",
            "Observation/bison.o1",
            "Observation/bison.o1",
            "Patient/bison.p1",
            "Observation/bison." + uuid,
            null);
    assertThat(kept.getTarget().get(6).getIdentifier().getValue()).isEqualTo("never");
    assertThat(kept.getAgentFirstRep().getWho().getReference()).isEqualTo("Organization/bison.r1");
    assertThat(kept.getRecordedElement().getValueAsString()).isEqualTo("2026-01-02T03:04:05Z");
    Provenance own = server.resource(Provenance.class, "Provenance/bison.transfer-" + id);
    assertThat(own.getTarget().stream().map(Reference::getReference))
        .containsExactly("Patient/bison.p1");
    assertThat(own.getAgentFirstRep().getType().getCodingFirstRep())
        .extracting(Coding::getSystem, Coding::getCode)
        .containsExactly(
            "http://hl7.org/fhir/us/core/CodeSystem/us-core-provenance-participant-type",
            "transmitter");
  }

  @Test
  void securityLabelsTagsAndProfilesStayAsTheyAre() throws Exception {
    String meta =
        "'meta':{'security':[{'system':'http://terminology.hl7.org/CodeSystem/v3-Confidentiality',"
            + "'code':'R','display':'restricted'},{'system':'http://terminology.hl7.org/CodeSystem/"
            + "v3-ActCode','code':'ETH'}],'tag':[{'system':'urn:a','code':'b','userSelected':true}],"
            + "'profile':['http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient|6.1.0',"
            + "'urn:p']}";

    String id = deliver(file("Patient", "{'resourceType':'Patient','id':'p1'," + meta + "}"));

    Meta kept = server.resource(Patient.class, "Patient/bison.p1").getMeta();
    assertThat(kept.getSecurity())
        .extracting(Coding::getCode, Coding::getDisplay)
        .hasToString("[(\"R\", \"restricted\"), (\"ETH\", null)]");
    assertThat(kept.getTag()).extracting(Coding::getCode).containsExactly("b", "bison");
    assertThat(kept.getTagFirstRep().getUserSelected()).isTrue();
    assertThat(kept.getProfile())
        .extracting(CanonicalType::getValue)
        .containsExactly(
            "http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient|6.1.0", "urn:p");
    assertThat(warnings(id)).isEmpty();
  }

  @Test
  void whatIsTaggedSubsettedStaysSoAndIsCounted() throws Exception {
    String subsetted =
        "'meta':{'tag':[{'system':'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',"
            + "'code':'SUBSETTED'}]}";

    String id =
        deliver(
            file("Patient", "{'resourceType':'Patient','id':'p1'," + subsetted + "}"),
            file(
                "Observation",
                observation("o1", subsetted)
                    + observation("o2", "'meta':{'tag':[{'code':'SUBSETTED'}]}")
                    + observation("o3", subsetted)));

    assertThat(
            server
                .resource(Observation.class, "Observation/bison.o1")
                .getMeta()
                .getTagFirstRep()
                .getCode())
        .isEqualTo("SUBSETTED");
    assertThat(warnings(id))
        .containsExactly(
            "fhir: 3 resource(s) are tagged SUBSETTED: the payer sent only a part of each");
  }

  @Test
  void whatAProfileDemandsAndThePayerDoesNotHaveIsNotMissed() throws Exception {
    String id =
        deliver(
            file(
                "Patient",
                "{'resourceType':'Patient','id':'p1','meta':{'profile':["
                    + "'http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient']},"
                    + "'name':[{'_family':{'extension':%1$s},'given':[null,'A'],".formatted(ABSENT)
                    + "'_given':[{'extension':%1$s},null]}],'_birthDate':{'extension':%1$s}}"
                        .formatted(ABSENT)),
            file(
                "Observation",
                "{'resourceType':'Observation','id':'o1'}\n"
                    + ("{'resourceType':'Observation','id':'o2','_status':{'extension':%1$s},"
                            + "'subject':{'extension':%1$s},'performer':[{'_reference':"
                            + "{'extension':%1$s}}],'dataAbsentReason':{'coding':[{'system':"
                            + "'http://terminology.hl7.org/CodeSystem/data-absent-reason',"
                            + "'code':'unknown'}]}}\n")
                        .formatted(ABSENT)),
            file("Provenance", "{'resourceType':'Provenance','id':'v1'}"),
            file("ExplanationOfBenefit", "{'resourceType':'ExplanationOfBenefit','id':'e1'}"));

    Patient patient = server.resource(Patient.class, "Patient/bison.p1");
    assertThat(patient.getBirthDateElement().getExtension()).hasSize(1);
    assertThat(patient.getNameFirstRep().getFamilyElement().getExtension()).hasSize(1);
    assertThat(patient.getNameFirstRep().getGiven().get(1).getValue()).isEqualTo("A");
    Observation second = server.resource(Observation.class, "Observation/bison.o2");
    assertThat(second.getStatusElement().getExtension()).hasSize(1);
    assertThat(second.getSubject().getExtension()).hasSize(1);
    assertThat(second.getPerformerFirstRep().getReferenceElement_().getExtension()).hasSize(1);
    assertThat(second.getDataAbsentReason().getCodingFirstRep().getCode()).isEqualTo("unknown");
    assertThat(server.resources())
        .containsKeys(
            "Observation/bison.o1", "Provenance/bison.v1", "ExplanationOfBenefit/bison.e1");
    assertThat(warnings(id)).isEmpty();
  }

  private static String observation(String id, String more) {
    return "{'resourceType':'Observation','id':'%s','status':'final','code':{'text':'x'},%s}\n"
        .formatted(id, more);
  }

  private String base() {
    return gateway.url() + "/v1/bison";
  }

  private List<String> identifiers(String url) {
    Resource resource = server.resources().get(url);
    List<Base> identifiers = resource.getNamedProperty("identifier").getValues();
    return identifiers.stream()
        .map(Identifier.class::cast)
        .map(identifier -> identifier.getSystem() + "|" + identifier.getValue())
        .toList();
  }

  private String deliver(NewFile... files) {
    String id = ReadyExports.in(bundle).of(List.of(files), "{\"resourceType\":\"Parameters\"}");
    bundle.awaitEnd(id, "COMPLETE");
    return id;
  }

  private NewFile file(String type, String content) {
    String path = "/v1/bison/" + type;
    gateway.stub(get(urlEqualTo(path)).willReturn(ok(content.replace('\'', '"'))));
    return new NewFile(FileKind.OUTPUT, type, output(type, gateway.url() + path).url(), true, null);
  }

  private List<String> warnings(String id) throws Exception {
    Path manifest = bundle.outbox().resolve("bison").resolve(id).resolve("manifest.json");
    List<String> warnings = new ArrayList<>();
    new ObjectMapper()
        .readTree(manifest.toFile())
        .path("warnings")
        .forEach(warning -> warnings.add(warning.asText()));
    return warnings;
  }
}
