package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.sandbox.Fault;
import org.payerexchange.sandbox.PdexMember;
import org.payerexchange.sandbox.RequestKind;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.support.TestBundle;
import org.payerexchange.support.TraceCollector;

/** What a collector of traces gets of transfers, and what it does not get. */
class TransferTracesTest {
  private static final String SENDERS_TRACE = "0af7651916cd43dd8448eb211c80319c";

  @TempDir static Path folder;

  private static TraceCollector collector;
  private static String transfer;
  private static String member;
  private static String batch;

  /** One transfer by a request, of which the first kick-off fails, and one in a batch of one. */
  @BeforeAll
  static void run() throws Exception {
    collector = TraceCollector.start();
    PdexMember pdex = PdexPayer.plain(0, 1).get(0);
    try (Sandbox sandbox = PdexPayer.sandbox();
        TestBundle bundle = PdexPayer.add(TestBundle.in(folder), sandbox, 1)) {
      Pipeline.payer(bundle, "heron", sandbox);
      bundle
          .ops()
          .set("p2p.tracing.endpoint", collector.url())
          .set("p2p.tracing.headers", "Authorization: Bearer of-the-collector; X-Tenant: we")
          .start();
      sandbox.faults().next(RequestKind.KICK_OFF, Fault.UNAVAILABLE, 1);
      transfer = handIn(bundle);
      Pipeline pipeline = new Pipeline(bundle);
      pipeline.awaitEnd("traced", "COMPLETE");
      PdexPayer.take(bundle, List.of(pdex));
      PdexFolders folders = new PdexFolders(bundle, sandbox);
      member = folders.awaitServed(pdex);
      folders.awaitReleased();
      batch = bundle.column("SELECT id FROM member_batch").get(0);
    }
  }

  @AfterAll
  static void stop() {
    collector.close();
  }

  private static String handIn(TestBundle bundle) throws Exception {
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(bundle.opsUrl().resolve("/api/transfers"))
                    .header("Content-Type", "application/json")
                    .header("traceparent", "00-" + SENDERS_TRACE + "-b7ad6b7169203331-01")
                    .POST(
                        BodyPublishers.ofString(
                            """
                            {"payer":"heron","requestId":"traced","memberId":"HRN-M-2001","given":"Jocasta",
                             "family":"Notareal","birthDate":"1983-02-28","gender":"female",
                             "coverageId":"HRN-C-2001","consentId":"CON-1","consentPolicy":"regular",
                             "consentStart":"2026-01-01","consentEnd":"2099-12-31"}
                            """))
                    .build(),
                BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    return new ObjectMapper().readTree(answer.body()).at("/accepted/0/id").asText();
  }

  @Test
  void aTransfersTraceHasItsIdAndBeginsWithItsReceiptWhichLeadsToTheSender() {
    Span received = only(transfer, span -> span.getName().equals("received"));

    assertThat(received.getParentSpanId().isEmpty()).isTrue();
    assertThat(received.getLinksList())
        .extracting(link -> TraceCollector.hex(link.getTraceId()))
        .containsExactly(SENDERS_TRACE);
    assertThat(TraceCollector.attributes(received))
        .containsEntry("payer_exchange.transfer", transfer)
        .containsEntry("payer_exchange.payer", "heron");
  }

  @Test
  void eachStepAndTheEndStandUnderTheReceipt() {
    Span received = only(transfer, span -> span.getName().equals("received"));
    List<Span> under = under(transfer, received);

    assertThat(under)
        .extracting(Span::getName)
        .contains("MEMBER_MATCH", "EXPORT_KICKOFF", "EXPORT_POLL", "DOWNLOAD", "RELEASE", "OUTCOME")
        .containsOnlyOnce("ended");
    assertThat(TraceCollector.attributes(only(transfer, span -> span.getName().equals("ended"))))
        .containsEntry("payer_exchange.state", "COMPLETE")
        .doesNotContainKey("payer_exchange.reason");
  }

  @Test
  void aStepThatFailsSaysWhyAndItsNextAttemptDoesNot() {
    List<Span> kickOffs =
        of(transfer).stream().filter(span -> span.getName().equals("EXPORT_KICKOFF")).toList();

    assertThat(kickOffs)
        .extracting(span -> TraceCollector.attributes(span).get("payer_exchange.attempt"))
        .containsExactly("1", "2");
    assertThat(kickOffs)
        .extracting(span -> span.getStatus().getCode())
        .containsExactly(Status.StatusCode.STATUS_CODE_ERROR, Status.StatusCode.STATUS_CODE_UNSET);
    assertThat(TraceCollector.attributes(kickOffs.get(0)))
        .containsEntry("payer_exchange.reason", "PAYER_UNAVAILABLE");
  }

  @Test
  void eachRequestToAPayerStandsUnderItsStepWithTheIdThatThePayerGets() {
    Span match = only(transfer, span -> span.getName().equals("MEMBER_MATCH"));
    List<Span> requests = under(transfer, match);

    assertThat(requests)
        .isNotEmpty()
        .allSatisfy(
            request -> assertThat(request.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_CLIENT));
    assertThat(requests)
        .extracting(TraceCollector::attributes)
        .anySatisfy(
            said ->
                assertThat(said)
                    .containsEntry("http.request.method", "POST")
                    .containsEntry("http.response.status_code", "200")
                    .containsEntry("server.address", "127.0.0.1")
                    .hasEntrySatisfying(
                        "payer_exchange.request", each -> assertThat(each).startsWith(transfer)));
  }

  @Test
  void aBatchHasATraceOfItsOwnAndItsMembersHaveTheirs() {
    Span opened = only(batch, span -> span.getName().equals("opened"));

    assertThat(under(batch, opened))
        .extracting(Span::getName)
        .contains("MATCH_BATCH", "MATCH_POLL", "EXPORT_KICKOFF", "DOWNLOAD", "SPLIT", "RELEASE");
    assertThat(of(member)).extracting(Span::getName).contains("received", "OUTCOME", "ended");
  }

  @Test
  void nothingIsToldOfAMemberNorAnUrlAndTheCollectorGetsItsKey() {
    assertThat(collector.raw())
        .contains("payer-exchange", transfer)
        .doesNotContain(
            "Jocasta", "Notareal", "1983-02-28", "HRN-M-2001", "HRN-C-2001", "grp-heron", "http://")
        .doesNotContain(TestBundle.CLIENT_SECRET);
    assertThat(collector.authorizations()).containsOnly("Bearer of-the-collector");
  }

  private static List<Span> of(String id) {
    String trace = id.replace("-", "");
    return collector.spans().stream()
        .filter(span -> TraceCollector.hex(span.getTraceId()).equals(trace))
        .sorted(Comparator.comparingLong(Span::getStartTimeUnixNano))
        .toList();
  }

  private static List<Span> under(String id, Span parent) {
    return of(id).stream()
        .filter(span -> span.getParentSpanId().equals(parent.getSpanId()))
        .toList();
  }

  private static Span only(String id, Predicate<Span> which) {
    List<Span> found = of(id).stream().filter(which).toList();
    assertThat(found).hasSize(1);
    return found.get(0);
  }
}
