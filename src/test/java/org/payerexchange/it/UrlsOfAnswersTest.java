package org.payerexchange.it;

import static com.github.tomakehurst.wiremock.client.WireMock.absent;
import static com.github.tomakehurst.wiremock.client.WireMock.delete;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.status;
import static com.github.tomakehurst.wiremock.client.WireMock.temporaryRedirect;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.ledger.store.OperatorLedger;
import org.payerexchange.support.Gateway;
import org.payerexchange.support.TestBundle;
import org.payerexchange.support.TlsFront;

/** Where the URLs of a payer's answers lead, from the inbox to the outbox. */
class UrlsOfAnswersTest {
  private static final String JOB = "/v1/bison/$export-poll-status?_jobId=7%2F8";
  private static final String FIRST = "/v1/bison/files/a%2Fb?part=1";
  private static final String SECOND = "/v1/bison/files/2";
  private static final String MOVED = "/v1/bison/moved/2";
  private static final String PATIENT = "{\"resourceType\":\"Patient\",\"id\":\"p1\"}\n";
  private static final String COVERAGE = "{\"resourceType\":\"Coverage\",\"id\":\"c1\"}\n";

  @TempDir Path folder;

  @RegisterExtension final Gateway gateway = new Gateway();

  /** Another server: the payer's store of files. */
  @RegisterExtension final Gateway store = new Gateway();

  private TestBundle bundle;
  private Pipeline pipeline;

  @AfterEach
  void stop() {
    bundle.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://127.0.0.1:8080", "http://127.0.0.1", "https://127.0.0.1:9443"})
  void aPayerBehindAProxyIsReachedAtItsBaseUrlWhateverItCallsItself(String inner) throws Exception {
    try (TlsFront front = TlsFront.before(gateway.url(), folder)) {
      TestBundle configured = TestBundle.in(folder).payer("bison", front.url());
      front.settings().forEach((key, value) -> configured.set("p2p.payers.bison." + key, value));
      start(configured);
      answer(inner + JOB, inner + FIRST, inner + SECOND);
      gateway.stub(get(urlEqualTo(FIRST)).willReturn(ok(PATIENT)));
      gateway.stub(get(urlEqualTo(SECOND)).willReturn(temporaryRedirect(inner + MOVED)));
      gateway.stub(
          get(urlEqualTo(MOVED))
              .withHeader("Authorization", equalTo("Bearer t1"))
              .willReturn(ok(COVERAGE)));

      assertBothFilesAreThere(run("COMPLETE"));
      assertThat(front.requests()).isEqualTo(gateway.server().getAllServeEvents().size());
    }
  }

  @Test
  void anOriginOfTheTrustedHostsIsCalledAsItStandsEvenOnThePayersHost() throws Exception {
    start(
        TestBundle.in(folder)
            .payer("bison", gateway.url())
            .set("p2p.payers.bison.trusted-hosts", URI.create(store.url()).getAuthority()));
    answer(gateway.url() + JOB, store.url() + FIRST, store.url() + SECOND);
    serveFromTheStore();

    assertBothFilesAreThere(run("COMPLETE"));
  }

  @Test
  void whatTheFailureOfAForeignHostAdvisesHelpsOnceItIsFollowedAndRetried() throws Exception {
    TestBundle configured = TestBundle.in(folder).payer("bison", gateway.url());
    start(configured);
    answer(gateway.url() + JOB, store.foreignUrl() + FIRST, store.foreignUrl() + SECOND);
    String id = run("FAILED");
    assertThat(pipeline.transfer(id)).containsEntry("reason", "FOREIGN_HOST");
    assertThat(store.server().getAllServeEvents()).isEmpty();
    Matcher advice =
        Pattern.compile("add '([^']+)' to (p2p\\.payers\\.bison\\.trusted-hosts)")
            .matcher(pipeline.transfer(id).get("detail").toString());
    assertThat(advice.find()).isTrue();
    serveFromTheStore();

    bundle.stop();
    start(configured.set(advice.group(2), advice.group(1)));
    assertThat(bundle.bean("operatorLedger", OperatorLedger.class).retry(id, "a test")).isTrue();

    pipeline.awaitEnd("R-1", "COMPLETE");
    assertBothFilesAreThere(id);
  }

  @Test
  void nothingIsCalledOverHttpUnderAnHttpsBaseUrlWhateverIsTrusted() throws Exception {
    try (TlsFront front = TlsFront.before(gateway.url(), folder)) {
      TestBundle configured =
          TestBundle.in(folder)
              .payer("bison", front.url())
              .set(
                  "p2p.payers.bison.trusted-hosts",
                  "localhost," + URI.create(store.foreignUrl()).getAuthority());
      front.settings().forEach((key, value) -> configured.set("p2p.payers.bison." + key, value));
      start(configured);
      answer(front.url() + JOB, store.foreignUrl() + FIRST, front.url() + SECOND);

      String id = run("FAILED");

      assertThat(pipeline.transfer(id)).containsEntry("reason", "FOREIGN_HOST");
      assertThat(store.server().getAllServeEvents()).isEmpty();
    }
  }

  private void start(TestBundle configured) throws Exception {
    bundle = configured.start();
    pipeline = new Pipeline(bundle);
  }

  private void answer(String job, String first, String second) {
    gateway.stub(
        post(urlPathEqualTo("/auth/realms/dev-portal/protocol/openid-connect/token"))
            .willReturn(okJson("{\"access_token\":\"t1\",\"expires_in\":300}")));
    gateway.stub(
        post(urlEqualTo("/v1/bison/member-match/$member-match"))
            .willReturn(okJson("{\"groupId\":\"g-1\"}")));
    gateway.stub(
        get(urlEqualTo("/v1/bison/bulk-data/r4/Group/g-1/$export"))
            .willReturn(status(202).withHeader("Content-Location", job)));
    gateway.stub(
        get(urlEqualTo(JOB))
            .willReturn(
                okJson(
                    """
                    {"output": [{"type": "Patient", "url": "%s"},
                     {"type": "Coverage", "url": "%s"}]}"""
                        .formatted(first, second))));
    gateway.stub(delete(urlEqualTo(JOB)).willReturn(status(202)));
  }

  /** The token, which nobody asked for there, must not come along. */
  private void serveFromTheStore() {
    store.stub(
        get(urlEqualTo(FIRST)).withHeader("Authorization", absent()).willReturn(ok(PATIENT)));
    store.stub(
        get(urlEqualTo(SECOND)).withHeader("Authorization", absent()).willReturn(ok(COVERAGE)));
  }

  private String run(String state) throws Exception {
    pipeline.take(
        List.of(Pipeline.record("R-1", "bison", "M-1", "Ada", "Marlowe", "1980-04-05", "COV-1")));
    return pipeline.awaitEnd("R-1", state);
  }

  private void assertBothFilesAreThere(String id) {
    assertThat(pipeline.outbox("bison", id).resolve("Patient-1.ndjson")).hasContent(PATIENT);
    assertThat(pipeline.outbox("bison", id).resolve("Coverage-2.ndjson")).hasContent(COVERAGE);
    assertThat(pipeline.jobs(id))
        .singleElement()
        .satisfies(job -> assertThat(job.get("job_id")).isNull());
  }
}
