package org.payerexchange.routes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ca.uhn.fhir.context.FhirContext;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSContext;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.intake.IntakeResult;
import org.payerexchange.intake.IntakeSource;
import org.payerexchange.ledger.TransferClaim;
import org.payerexchange.ledger.store.Claims;
import org.payerexchange.ledger.store.Leases;
import org.payerexchange.match.MemberMatch;
import org.payerexchange.support.EmbeddedBroker;
import org.payerexchange.support.TestBundle;

/**
 * Records as no sender means them, by file, message and request: the process lives, each ends as a
 * transfer that can be asked for or as a rejection with a reason, and nothing is read again. {@code
 * make fuzz} tries ten thousand.
 */
class IntakeFuzzTest {
  private static final int ROUNDS = Integer.getInteger("p2p.fuzz.rounds", 500);
  private static final long SEED = 20261126;
  private static final Duration PATIENCE = Duration.ofMinutes(2).plusMillis(ROUNDS * 200L);
  private static final FhirContext FHIR = FhirContext.forR4Cached();
  private static final List<String> PIECES =
      List.of(
          "{",
          "}",
          "[",
          "]",
          "\"",
          "\\",
          ",",
          ":",
          ";",
          "\t",
          "\n",
          "\r",
          "\r\r\n",
          "\u0000",
          " ",
          "\u00A0",
          "\u200B",
          "\uFEFF",
          "null",
          "true",
          "1e999999999",
          "1e99999999999",
          "-0.0",
          "99999999999999999999999",
          "{}",
          "[]",
          "\"\"",
          "[[[[[[[[[[",
          "{\"a\":{\"a\":{\"a\":",
          "\\ud800",
          "\\u0000",
          "sep=;\n",
          "2026-02-30",
          "1980",
          "Patient",
          "extension",
          "_id",
          "\"parameter\":[",
          "\"resourceType\":\"Bundle\",",
          "MemberBundle",
          "\"part\":[");
  private static final String FLAT =
      """
      {"payer":"bison","memberId":"m-1","given":"Ada","family":"Marlowe","birthDate":"1980-04-05",\
      "gender":"female","coverageId":"cov-1","consentId":"consent-1","consentPolicy":"regular",\
      "consentStart":"2020-01-01","consentEnd":"2099-12-31"}
      """;
  private static final String CSV =
      """
      payer,memberId,given,family,birthDate,coverageId,consentId,consentPolicy,consentStart,consentEnd
      bison,m-1,Ada,"Marlowe",1980-04-05,cov-1,consent-1,regular,2020-01-01,2099-12-31
      bison,m-2,Ada,Marlowe,1980-04-05,cov-1,consent-1,regular,2020-01-01,2099-12-31
      """;
  private static final String PARAMETERS =
      """
      {"resourceType": "Parameters", "id": "m-1", "parameter": [
        {"name": "payer", "valueString": "bison"},
        {"name": "MemberPatient", "resource": {"resourceType": "Patient", "id": "p",
          "extension": [{"url": "http://example.org/tier", "valueDecimal": 1.50}],
          "identifier": [{"system": "urn:x", "value": "i"}], "active": true, "gender": "female",
          "name": [{"use": "official", "family": "Marlowe", "given": ["Ada"]}],
          "telecom": [{"system": "phone", "value": "555-0100", "use": "home"}],
          "birthDate": "1980-04-05", "multipleBirthInteger": 2}},
        {"name": "CoverageToMatch", "resource": {"resourceType": "Coverage", "status": "active",
          "identifier": [{"value": "cov-1"}], "period": {"start": "2020"}}},
        {"name": "Consent", "resource": {"resourceType": "Consent", "id": "c", "status": "active",
          "policy": [{"uri": "http://example.org/policy#regular"}],
          "provision": {"type": "permit", "period": {"start": "2020", "end": "2099-12"}}}}]}
      """;

  @TempDir Path folder;
  private final Random random = new Random(SEED);

  @Test
  void everyRecordEndsAsATransferOrAsARejection() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start();
        TestBundle bundle =
            TestBundle.in(folder)
                .payer("bison", "http://127.0.0.1:1")
                .jms(broker)
                .routes(IntakeOnly.routesIn(folder))
                .start();
        ActiveMQConnectionFactory factory = broker.connectionFactory();
        JMSContext jms = factory.createContext()) {
      for (int round = 0; round < ROUNDS; round++) {
        byte[] record = mutated(round);
        switch (round % 3) {
          case 0 -> drop(bundle, round, record);
          case 1 -> {
            BytesMessage message = jms.createBytesMessage();
            message.writeBytes(record);
            jms.createProducer().send(jms.createQueue("p2p.intake"), message);
          }
          default -> request(bundle, round, record);
        }
      }
      await().atMost(PATIENCE).until(() -> broker.depth("p2p.intake") == 0);
      await().atMost(PATIENCE).until(() -> waiting(bundle.inbox()) == 0);

      assertThat(sources(bundle)).isEqualTo(ROUNDS);
      assertThat(broker.depth("DLQ")).isZero();
      assertThat(count(bundle, "state = 'REJECTED' AND (detail IS NULL OR detail = '')")).isZero();
      assertThat(count(bundle, "state NOT IN ('REJECTED', 'RECEIVED')")).isZero();
      everyTransferCanBeAskedFor(bundle);
    }
  }

  private static void everyTransferCanBeAskedFor(TestBundle bundle) {
    MemberMatch match = bundle.bean("memberMatch", MemberMatch.class);
    int received = count(bundle, "state = 'RECEIVED'");
    int asked = 0;
    List<TransferClaim> claims = new Claims(bundle.bean("leases", Leases.class)).claimForMatch(64);
    assertThat(claims.isEmpty()).isEqualTo(received == 0);
    for (TransferClaim claim : claims) {
      String form = FHIR.newJsonParser().encodeResourceToString(match.parameters(claim));
      assertThat(match.request(form, claim)).isNotNull();
      asked++;
    }
    assertThat(asked).isPositive();
  }

  private byte[] mutated(int round) {
    String whole = List.of(FLAT, CSV, PARAMETERS).get(random.nextInt(3));
    byte[] record = whole.replace("m-", "m-" + round + "-").getBytes(UTF_8);
    for (int i = random.nextInt(4); i >= 0; i--) {
      record = mutated(record);
    }
    return record;
  }

  private byte[] mutated(byte[] record) {
    int from = random.nextInt(record.length + 1);
    int to = Math.min(record.length, from + random.nextInt(20));
    byte[] piece =
        switch (random.nextInt(5)) {
          case 0 -> new byte[0];
          case 1 -> new byte[] {(byte) random.nextInt(256)};
          case 2 -> Arrays.copyOfRange(record, from, record.length);
          default -> PIECES.get(random.nextInt(PIECES.size())).getBytes(UTF_8);
        };
    byte[] changed = Arrays.copyOf(record, from + piece.length + record.length - to);
    System.arraycopy(piece, 0, changed, from, piece.length);
    System.arraycopy(record, to, changed, from + piece.length, record.length - to);
    return changed;
  }

  private void drop(TestBundle bundle, int round, byte[] record) throws IOException {
    Path file = Files.write(folder.resolve("next"), record);
    Files.move(file, bundle.inbox().resolve("file-" + round), ATOMIC_MOVE);
  }

  private static void request(TestBundle bundle, int round, byte[] record) {
    Exchange exchange =
        bundle
            .template()
            .request(
                "direct:take-in-records",
                sent -> {
                  sent.setVariable("intakeSource", new IntakeSource("http-" + round, null, null));
                  sent.getMessage().setBody(new ByteArrayInputStream(record));
                });
    assertThat(exchange.getException()).isNull();
    IntakeResult result = exchange.getMessage().getBody(IntakeResult.class);
    assertThat(result.accepted() + result.rejected()).isPositive();
    assertThat(result.rejections()).allSatisfy(each -> assertThat(each.reason()).isNotBlank());
  }

  /** Each input has a member of its own, so that none is a duplicate. */
  private static int sources(TestBundle bundle) {
    return bundle
        .jdbc()
        .sql("SELECT COUNT(DISTINCT source) FROM transfer")
        .query(Integer.class)
        .single();
  }

  private static int count(TestBundle bundle, String condition) {
    return bundle
        .jdbc()
        .sql("SELECT COUNT(*) FROM transfer WHERE " + condition)
        .query(Integer.class)
        .single();
  }

  private static long waiting(Path inbox) throws IOException {
    try (Stream<Path> files = Files.list(inbox)) {
      return files.filter(Files::isRegularFile).count();
    }
  }
}
