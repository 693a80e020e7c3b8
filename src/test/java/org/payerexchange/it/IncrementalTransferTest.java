package org.payerexchange.it;

import static com.github.tomakehurst.wiremock.client.WireMock.delete;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.status;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.http.JsonLimits;
import org.payerexchange.support.FhirTestServer;
import org.payerexchange.support.Gateway;
import org.payerexchange.support.TestBundle;

/** A member who is asked for again and again, from the inbox into a FHIR server. */
class IncrementalTransferTest {
  private static final String EXPORT = "/v1/bison/bulk-data/r4/Group/g-1/$export";
  private static final String JOB = "/v1/bison/bulk-data/r4/$export/job/7";
  private static final String FILE = "/v1/bison/bulk-data/r4/$export/file/1";

  /** By the birth date. */
  private static final String SOMEBODY_ELSE =
      "{\"resourceType\":\"Patient\",\"id\":\"p1\",\"birthDate\":\"2011-01-01\"}\n";

  /** With a hash that nobody can read. */
  private static final String PHOTO =
      "{\"resourceType\":\"Patient\",\"id\":\"p1\",\"photo\":[{\"url\":\"%s/photo\",\"hash\":\"bm9uZQ==\"}]}\n";

  @RegisterExtension final Gateway gateway = new Gateway();
  @TempDir Path folder;

  @Test
  void eachTransferAsksForWhatIsNewSinceTheLastThatWasDeliveredWhole() throws Exception {
    try (FhirTestServer server = FhirTestServer.start();
        TestBundle bundle =
            TestBundle.in(folder)
                .payer("bison", gateway.url())
                .set("p2p.payers.bison.incremental", "true")
                .set("p2p.deliver.fhir.base-url", server.url())
                .start()) {
      Pipeline pipeline = new Pipeline(bundle);
      answerAll();

      String whole = transfer(pipeline, 1);
      server.refuse(resource -> resource.fhirType().equals("Patient"));
      String partial = transfer(pipeline, 2);
      server.refuse(resource -> false);
      transfer(pipeline, 3);
      transfer(pipeline, 4);

      assertThat(pipeline.transfer(partial)).containsEntry("warnings", 1);
      assertThat(exports(bundle, whole))
          .isEqualTo("[{\"transactionTime\":\"2026-11-01T12:00:00Z\"}]");
      assertThat(exports(bundle, partial))
          .isEqualTo(
              "[{\"transactionTime\":\"2026-11-02T12:00:00Z\",\"since\":\"2026-11-01T11:00:00Z\"}]");
      assertThat(
              gateway.server().findAll(getRequestedFor(urlPathEqualTo(EXPORT))).stream()
                  .map(LoggedRequest::getUrl))
          .containsExactly(
              EXPORT,
              EXPORT + "?_since=2026-11-01T11%3A00%3A00Z",
              EXPORT + "?_since=2026-11-01T11%3A00%3A00Z",
              EXPORT + "?_since=2026-11-03T11%3A00%3A00Z");
    }
  }

  @Test
  void thatNoPatientIsTheMemberForCertainIsAWarningAndKeepsNoExportWhole() throws Exception {
    try (FhirTestServer server = FhirTestServer.start();
        TestBundle bundle =
            TestBundle.in(folder)
                .payer("bison", gateway.url())
                .set("p2p.payers.bison.incremental", "true")
                .set("p2p.deliver.fhir.base-url", server.url())
                .start()) {
      Pipeline pipeline = new Pipeline(bundle);
      answerAll();
      gateway.stub(get(urlEqualTo(FILE)).willReturn(ok(SOMEBODY_ELSE)));

      String unsure = transfer(pipeline, 1);
      server.refuse(resource -> resource.fhirType().equals("Patient"));
      String partial = transfer(pipeline, 2);
      server.refuse(resource -> false);
      transfer(pipeline, 3);
      transfer(pipeline, 4);

      assertThat(pipeline.transfer(unsure)).containsEntry("warnings", 1);
      assertThat(Files.readString(bundle.outbox().resolve("bison/" + unsure + "/manifest.json")))
          .contains("fhir: none of the Patients is the member for certain");
      assertThat(pipeline.transfer(partial)).containsEntry("warnings", 2);
      assertThat(
              gateway.server().findAll(getRequestedFor(urlPathEqualTo(EXPORT))).stream()
                  .map(LoggedRequest::getUrl))
          .containsExactly(
              EXPORT,
              EXPORT + "?_since=2026-11-01T11%3A00%3A00Z",
              EXPORT + "?_since=2026-11-01T11%3A00%3A00Z",
              EXPORT + "?_since=2026-11-03T11%3A00%3A00Z");
    }
  }

  @Test
  void aTransactionTimeThatCannotBeReadIsAWarningAndTheNextExportIsWhole() throws Exception {
    try (TestBundle bundle =
        TestBundle.in(folder)
            .payer("bison", gateway.url())
            .set("p2p.payers.bison.incremental", "true")
            .start()) {
      Pipeline pipeline = new Pipeline(bundle);
      answerAll();

      transfer(pipeline, 1);
      String unreadable = transfer(pipeline, 2, "at noon");
      String whole = transfer(pipeline, 3);
      transfer(pipeline, 4);

      assertThat(pipeline.jobs(unreadable).get(0))
          .extractingByKey("warnings")
          .asString()
          .contains("the next export will be whole");
      assertThat(pipeline.transfer(unreadable)).containsEntry("warnings", 1);
      assertThat(pipeline.transfer(whole)).containsEntry("warnings", 0);
      assertThat(
              gateway.server().findAll(getRequestedFor(urlPathEqualTo(EXPORT))).stream()
                  .map(LoggedRequest::getUrl))
          .containsExactly(
              EXPORT,
              EXPORT + "?_since=2026-11-01T11%3A00%3A00Z",
              EXPORT,
              EXPORT + "?_since=2026-11-03T11%3A00%3A00Z");
    }
  }

  @Test
  void whatIsSaidOfAnAttachmentThatIsThereKeepsNoExportWholeAndOneThatIsNotDoes() throws Exception {
    try (FhirTestServer server = FhirTestServer.start();
        TestBundle bundle =
            TestBundle.in(folder)
                .payer("bison", gateway.url())
                .set("p2p.payers.bison.incremental", "true")
                .set("p2p.payers.bison.attachments", "true")
                .set("p2p.attachments.max-line-bytes", "10")
                .set("p2p.deliver.fhir.base-url", server.url())
                .start()) {
      Pipeline pipeline = new Pipeline(bundle);
      answerAll();
      gateway.stub(get(urlEqualTo(FILE)).willReturn(ok(PHOTO.formatted(gateway.url()))));
      gateway.stub(get(urlEqualTo("/photo")).willReturn(ok("more than ten bytes")));

      String told = transfer(pipeline, 1);
      gateway.stub(get(urlEqualTo("/photo")).willReturn(status(404)));
      String partial = transfer(pipeline, 2);
      transfer(pipeline, 3);

      assertThat(pipeline.transfer(told)).containsEntry("warnings", 2);
      assertThat(pipeline.transfer(partial)).containsEntry("warnings", 1);
      assertThat(
              gateway.server().findAll(getRequestedFor(urlPathEqualTo(EXPORT))).stream()
                  .map(LoggedRequest::getUrl))
          .containsExactly(
              EXPORT,
              EXPORT + "?_since=2026-11-01T11%3A00%3A00Z",
              EXPORT + "?_since=2026-11-01T11%3A00%3A00Z");
    }
  }

  /** As the manifest tells them. */
  private static String exports(TestBundle bundle, String transfer) throws IOException {
    return JsonLimits.mapper()
        .readTree(bundle.outbox().resolve("bison/" + transfer + "/manifest.json").toFile())
        .path("exports")
        .toString();
  }

  private String transfer(Pipeline pipeline, int day) throws Exception {
    return transfer(pipeline, day, "2026-11-0%dT12:00:00Z".formatted(day));
  }

  private String transfer(Pipeline pipeline, int day, String time) throws Exception {
    gateway.stub(
        get(urlEqualTo(JOB))
            .willReturn(
                okJson(
                    """
                    {"transactionTime": "%s", "output":
                      [{"type": "Patient", "url": "%s"}]}
                    """
                        .formatted(time, gateway.url() + FILE))));
    String request = "request-" + day;
    pipeline.take(
        List.of(Pipeline.record(request, "bison", "M-1", "Ada", "Marlowe", "1980-04-05", "C-1")));
    return pipeline.awaitEnd(request, "COMPLETE");
  }

  private void answerAll() {
    gateway.stub(
        post(urlEqualTo("/auth/realms/dev-portal/protocol/openid-connect/token"))
            .willReturn(okJson("{\"access_token\": \"token-1\", \"expires_in\": 300}")));
    gateway.stub(
        post(urlEqualTo("/v1/bison/member-match/$member-match"))
            .willReturn(okJson("{\"groupId\": \"g-1\"}")));
    gateway.stub(
        get(urlPathEqualTo(EXPORT))
            .willReturn(status(202).withHeader("Content-Location", gateway.url() + JOB)));
    gateway.stub(
        get(urlEqualTo(FILE)).willReturn(ok("{\"resourceType\":\"Patient\",\"id\":\"p1\"}\n")));
    gateway.stub(delete(urlEqualTo(JOB)).willReturn(status(202)));
  }
}
