package org.payerexchange.it;

import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.status;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import com.github.tomakehurst.wiremock.stubbing.ServeEvent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.support.Gateway;
import org.payerexchange.support.LogLines;
import org.payerexchange.support.TestBundle;

/** What the log tells the person on call of a record, its transfer, its payer and its requests. */
class LogTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String MATCH = "/v1/bison/member-match/$member-match";
  private static final String KICKOFF = "/v1/bison/bulk-data/r4/Group/g-1/$export";

  @TempDir Path folder;
  @RegisterExtension final Gateway gateway = new Gateway();
  private final LogLines log = LogLines.from(Level.INFO);
  private TestBundle bundle;
  private Pipeline pipeline;

  @BeforeEach
  void start() throws Exception {
    gateway.stub(
        post(urlPathEqualTo("/auth/realms/dev-portal/protocol/openid-connect/token"))
            .willReturn(okJson("{\"access_token\":\"t1\",\"expires_in\":300}")));
    gateway.stub(post(urlEqualTo(MATCH)).willReturn(okJson("{\"groupId\":\"g-1\"}")));
    bundle = TestBundle.in(folder).payer("bison", gateway.url()).start();
    pipeline = new Pipeline(bundle);
  }

  @AfterEach
  void stop() {
    bundle.close();
    log.close();
  }

  @Test
  void aFileARejectedRecordAndTheEndOfATransferHaveALineEachAndNamesNone() throws Exception {
    gateway.stub(get(urlEqualTo(KICKOFF)).willReturn(status(404)));
    Path part = Files.writeString(folder.resolve("part"), record() + "{\"payer\":\"bison\"}\n");
    Files.move(part, bundle.inbox().resolve("two.ndjson"));

    String id = pipeline.awaitEnd("r-1", "FAILED");

    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(log.all())
                    .contains(
                        "INFO intake: two.ndjson: 1 taken, 0 of them known already, 1 rejected")
                    .anyMatch(
                        line ->
                            line.startsWith(
                                "WARN intake: record 2 of two.ndjson is rejected: memberId is missing"))
                    .anyMatch(
                        line ->
                            line.startsWith(
                                "INFO transfer %s of payer bison: FAILED (PAYER_REFUSED) after PT"
                                    .formatted(id))));
    assertThat(String.join("\n", log.all())).doesNotContain("Zoraida", "Quillfeather", "m-1");
  }

  @Test
  void aPayerThatAsksForAPauseIsTold() throws Exception {
    gateway.stub(
        get(urlEqualTo(KICKOFF)).willReturn(status(429).withHeader("Retry-After", "3600")));

    pipeline.take(List.of(record()));

    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(log.beginning("WARN payer bison is held since 20"))
                    .hasSize(1)
                    .allMatch(line -> line.matches(".*Z: PAYER_BUSY, .*, until 20.*")));
  }

  @Test
  void eachRequestHasAnIdThatBeginsWithItsTransfersAndTheLogNamesIt() throws Exception {
    gateway.stub(get(urlEqualTo(KICKOFF)).willReturn(status(500)));

    pipeline.take(List.of(record()));

    await().atMost(PATIENCE).until(() -> calls(KICKOFF).size() > 1);
    String id = pipeline.id("r-1");
    List<String> all = calls(KICKOFF);
    assertThat(all).doesNotHaveDuplicates().allMatch(each -> each.matches(id + "\\.[0-9a-f]{8}"));
    assertThat(calls(MATCH)).singleElement().asString().startsWith(id + ".");
    Map<String, String> fields = log.fields("EXPORT_KICKOFF: PAYER_UNAVAILABLE");
    assertThat(fields)
        .containsEntry("transfer", id)
        .containsEntry("payer", "bison")
        .containsEntry("step", "EXPORT_KICKOFF");
    // The first one: the latest may not be written yet.
    String first = fields.get("request");
    assertThat(all).contains(first);
    assertThat(bundle.column("SELECT detail FROM transfer_event WHERE what = 'RETRY_LATER'"))
        .anyMatch(detail -> detail.endsWith("(request " + first + ")"));
  }

  private List<String> calls(String path) {
    return gateway.server().getAllServeEvents().stream()
        .map(ServeEvent::getRequest)
        .filter(request -> request.getUrl().equals(path))
        .map(request -> request.getHeader("X-Request-ID"))
        .toList();
  }

  private static String record() {
    return Pipeline.record("r-1", "bison", "m-1", "Zoraida", "Quillfeather", "1970-01-01", "c-1");
  }
}
