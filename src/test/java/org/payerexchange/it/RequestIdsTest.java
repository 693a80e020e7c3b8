package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import jakarta.jms.JMSContext;
import jakarta.jms.JMSProducer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.sandbox.Member;
import org.payerexchange.sandbox.Members;
import org.payerexchange.support.EmbeddedBroker;
import org.payerexchange.support.TestBundle;

/** The requestIds of a payer are one name space, whichever way and in whichever form they come. */
class RequestIdsTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Member MEMBER = Members.load("bison", 1);

  @TempDir static Path folder;

  private static EmbeddedBroker broker;
  private static TestBundle bundle;

  @BeforeAll
  static void start() throws Exception {
    broker = EmbeddedBroker.start();
    bundle =
        TestBundle.in(folder)
            .payer("bison", "http://127.0.0.1:1")
            .payer("heron", "http://127.0.0.1:1")
            .jms(broker)
            .ops()
            .start();
    bundle.context().getRouteController().stopRoute("match-member");
  }

  @AfterAll
  static void stop() throws Exception {
    bundle.close();
    broker.close();
  }

  @Test
  void oneRequestIdIsOneTransferHoweverItArrives() throws Exception {
    String id = "R 2026/0001:é";
    Pipeline.drop(bundle.inbox(), List.of(record("bison", id)));
    await().atMost(PATIENCE).until(() -> transfers("bison", id).size() == 1);

    String unnamed = record("bison", "").replace("\"requestId\": \"\", ", "");
    List<String> answers = new ArrayList<>();
    answers.add(post("?payer=bison&requestId=R%202026%2F0001:%C3%A9", unnamed));
    answers.add(post("?requestId=%20R%202026%2F0001:%C3%A9%C2%A0%E2%80%8B", unnamed));
    answers.add(post("", record("bison", "\u00a0" + id + "\u200b ")));
    answers.add(post("", csv(id)));
    answers.add(post("", csv("=\"\"" + id + "\"\"")));
    String transfer = transfers("bison", id).get(0);
    assertThat(answers).allSatisfy(answer -> assertThat(answer).contains(transfer));

    send(unnamed, Map.of("requestId", id));
    send(record("bison", id), Map.of());
    send(record("bison", "last-message"), Map.of());
    await().atMost(PATIENCE).until(() -> transfers("bison", "last-message").size() == 1);
    assertThat(transfers("bison", id)).containsExactly(transfer);
  }

  @Test
  void aRequestIdInFhirIsTheSameAndOtherContentUnderItIsRefusedWithTheTransferThatHasIt()
      throws Exception {
    String id = "fhir-and-flat";
    assertThat(post("", parameters(id))).contains("\"rejected\":[]");
    assertThat(transfers("bison", id)).hasSize(1);

    assertThat(post("", parameters(id))).contains(transfers("bison", id).get(0));
    assertThat(post("?requestId=" + id, parameters(null))).contains(transfers("bison", id).get(0));
    assertThat(post("", record("bison", id))).contains("requestId");

    assertThat(transfers("bison", id)).hasSize(1);
  }

  @Test
  void whatOnePayersSenderCallsARequestSaysNothingOfAnothers() throws Exception {
    assertThat(post("", record("bison", "shared-name"))).contains("\"rejected\":[]");
    assertThat(post("", record("heron", "shared-name"))).contains("\"rejected\":[]");

    assertThat(transfers("bison", "shared-name")).hasSize(1);
    assertThat(transfers("heron", "shared-name")).hasSize(1);
  }

  private static String record(String payer, String requestId) {
    return Pipeline.record(
        requestId,
        payer,
        MEMBER.memberId(),
        MEMBER.given(),
        MEMBER.family(),
        MEMBER.birthDate().toString(),
        MEMBER.coverageId());
  }

  private static String csv(String requestId) {
    return """
        payer,requestId,memberId,given,family,birthDate,coverageId,consentId,consentPolicy,consentStart,consentEnd
        bison,"%s",%s,%s,%s,%s,%s,consent-1,regular,2020-01-01,2099-12-31
        """
        .formatted(
            requestId,
            MEMBER.memberId(),
            MEMBER.given(),
            MEMBER.family(),
            MEMBER.birthDate(),
            MEMBER.coverageId());
  }

  private static String parameters(String requestId) {
    String own =
        requestId == null
            ? ""
            : "{\"name\": \"requestId\", \"valueString\": \"%s\"},".formatted(requestId);
    return """
        {"resourceType": "Parameters", "id": "%s", "parameter": [
         {"name": "payer", "valueString": "bison"}, %s
         {"name": "MemberPatient", "resource": {"resourceType": "Patient",
          "name": [{"family": "%s", "given": ["%s"]}], "birthDate": "%s"}},
         {"name": "CoverageToMatch", "resource": {"resourceType": "Coverage", "id": "c1",
          "identifier": [{"value": "%s"}]}},
         {"name": "Consent", "resource": {"resourceType": "Consent", "id": "consent-1",
          "status": "active", "policy": [{"uri": "http://hl7.org/fhir/us/davinci-hrex/\
        StructureDefinition-hrex-consent.html#regular"}], "provision": {"type": "permit",
          "period": {"start": "2020-01-01", "end": "2099-12-31"}}}}]}
        """
        .formatted(
            MEMBER.memberId(),
            own,
            MEMBER.family(),
            MEMBER.given(),
            MEMBER.birthDate(),
            MEMBER.coverageId());
  }

  private static List<String> transfers(String payer, String requestId) {
    return bundle
        .jdbc()
        .sql("SELECT id FROM transfer WHERE payer = ? AND request_id = ?")
        .params(payer, requestId)
        .query(String.class)
        .list();
  }

  private static String post(String query, String body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(bundle.opsUrl() + "/api/transfers" + query))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  private static void send(String body, Map<String, String> properties) throws Exception {
    try (ActiveMQConnectionFactory connections = broker.connectionFactory();
        JMSContext session = connections.createContext()) {
      JMSProducer producer = session.createProducer();
      properties.forEach(producer::setProperty);
      producer.send(session.createQueue("p2p.intake"), body);
    }
  }
}
