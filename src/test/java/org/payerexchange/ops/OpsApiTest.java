package org.payerexchange.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.IntNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.ledger.IntakeEntry;
import org.payerexchange.ledger.store.Herd;
import org.payerexchange.ledger.store.LedgerDatabase;
import org.payerexchange.ledger.store.Pauses;
import org.payerexchange.ledger.store.PayerHolds;
import org.payerexchange.ledger.store.TransferLedger;
import org.payerexchange.support.PlainRecord;
import org.payerexchange.support.TestBundle;

class OpsApiTest {
  private static final String PHI = "Testperson-of-the-request";

  @TempDir static Path folder;

  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static TestBundle bundle;

  /** With matching stopped, so that no transfer leaves the state that it was registered in. */
  @BeforeAll
  static void start() throws Exception {
    bundle =
        TestBundle.in(folder)
            .payer("bison", "http://127.0.0.1:1")
            .set("p2p.deliver.resource-uris.3", "log:a-secret-endpoint?level=OFF")
            .ops()
            .start();
    bundle.context().getRouteController().stopRoute("match-member");
  }

  @AfterAll
  static void stop() {
    bundle.close();
  }

  @Test
  void transfersAreListedTheLatestFirstInPages() throws Exception {
    String first = register("heron");
    String second = register("heron");

    JsonNode page = json(get("/api/transfers?payer=heron&size=1"));

    assertThat(page.path("total").asInt()).isEqualTo(2);
    assertThat(page.path("page").asInt()).isZero();
    assertThat(page.path("transfers").findValuesAsText("id")).containsExactly(second);
    assertThat(ids("payer=heron&size=1&page=1")).containsExactly(first);
    assertThat(ids("payer=heron&status=complete,RECEIVED")).containsExactly(second, first);
    assertThat(ids("payer=heron&status=FAILED")).isEmpty();
    assertThat(ids("payer=heron&source=test.json")).containsExactly(second, first);
    assertThat(ids("payer=heron&source=other.json")).isEmpty();
  }

  @Test
  void filtersNarrowTheListTogether() throws Exception {
    String first = register("stoat");
    String second = register("stoat");
    JsonNode shown = json(get("/api/transfers/" + second));
    String received = shown.path("receivedAt").asText();

    assertThat(ids("requestId=" + shown.path("requestId").asText())).containsExactly(second);
    assertThat(ids("payer=stoat&receivedUntil=" + received)).containsExactly(first);
    assertThat(ids("payer=stoat&receivedFrom=" + received)).containsExactly(second);
    assertThat(ids("payer=stoat&receivedFrom=2000-01-01&receivedUntil=2000-01-02")).isEmpty();
    assertThat(ids("payer=stoat&state=received&size=1&page=1")).containsExactly(first);
    assertThat(ids("payer=stoat&reason=INTERNAL,BAD_ANSWER")).isEmpty();

    bundle.jdbc().sql("INSERT INTO sink_gate (sink) VALUES ('fhir')").update();
    assertThat(ids("payer=stoat&sink=fhir")).isEmpty();
    bundle
        .jdbc()
        .sql(
            """
            INSERT INTO delivery (transfer_id, sink, payer, state, updated_at)
            VALUES (?, 'fhir', 'stoat', 'PENDING', CURRENT_TIMESTAMP)""")
        .param(first)
        .update();

    assertThat(ids("payer=stoat&sink=fhir")).containsExactly(first);
    assertThat(ids("payer=stoat&sink=fhir&state=FAILED")).isEmpty();
  }

  @Test
  void theOverviewCountsTransfersInAllAndSinceThen() throws Exception {
    register("lynx");
    String latest = register("lynx");
    String received = json(get("/api/transfers/" + latest)).path("receivedAt").asText();
    post("/api/transfers/" + latest + "/cancel", "ann");

    JsonNode overview = json(get("/api/overview?since=" + received));

    JsonNode lynx = null;
    for (JsonNode payer : overview.path("transfers")) {
      if (payer.path("payer").asText().equals("lynx")) {
        lynx = payer;
      }
    }
    assertThat(lynx)
        .hasToString(
            "{'payer':'lynx','all':{'RECEIVED':1,'CANCELLED':1},'latest':{'CANCELLED':1}}"
                .replace('\'', '"'));
    assertThat(overview.path("since").asText()).isEqualTo(received);
    assertThat(overview.path("steps").findValuesAsText("step")).contains("MEMBER_MATCH");
    assertThat(overview.path("minutes")).hasSize(60);
    long ended = 0;
    for (JsonNode minute : overview.path("minutes")) {
      ended += minute.path("other").asLong();
    }
    assertThat(ended).isPositive();
    assertThat(json(get("/api/overview")).path("since").asText()).endsWith("T00:00:00Z");
    assertThat(get("/api/overview?since=lately").statusCode()).isEqualTo(400);
    assertThat(get("/api/overview?since=-999999-12-31T00:00:00Z").statusCode()).isEqualTo(400);
  }

  @Test
  void aHeaderIsNoFilter() throws Exception {
    String id = register("shrew");
    HttpRequest.Builder request =
        HttpRequest.newBuilder(bundle.opsUrl().resolve("/api/transfers?payer=shrew"));
    for (String name : List.of("state", "Source", "size", "page", "requestId", "receivedFrom")) {
      request.header(name, "zzz");
    }

    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(request.header("payer", "stoat").build(), BodyHandlers.ofString());

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(json(answer).path("transfers").findValuesAsText("id")).containsExactly(id);
  }

  @ParameterizedTest
  @CsvSource({
    "stauts=FAILED, stauts is not known",
    "state=LOST, state is none of",
    "reason=BORED, reason is none of",
    "state=FAILED&status=FAILED, state and status are the same",
    "receivedFrom=yesterday, receivedFrom is neither",
    "receivedUntil=2026-02-30, receivedUntil is neither",
    "receivedFrom=%2B999999999-01-01T00:00:00Z, receivedFrom is not of the years 0001 to 9999",
    "receivedUntil=%2B300000-01-01T00:00:00Z, receivedUntil is not of the years 0001 to 9999",
    "receivedFrom=0000-12-31, receivedFrom is not of the years 0001 to 9999",
    "requestId=%00, requestId is empty",
    "source=, source is empty",
    "sink=a&sink=b, sink is given more than once",
    "payer=Bison!, payer is missing or malformed",
    "payer=bisn, 'payer bisn is not configured, and nothing was ever asked of it'",
    "sink=fihr, sink fihr is not configured",
    "sink=Jane%20Doe, sink is not configured"
  })
  void aFilterThatMakesNoSenseIsNamed(String query, String words) throws Exception {
    HttpResponse<String> answer = get("/api/transfers?" + query);

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains(words);
  }

  @Test
  void oneTransferIsShownWithItsAuditTrailAndWithoutPhi() throws Exception {
    String id = register("bison");

    HttpResponse<String> answer = get("/api/transfers/" + id);

    JsonNode transfer = json(answer);
    assertThat(transfer.path("id").asText()).isEqualTo(id);
    assertThat(transfer.path("status").asText()).isEqualTo("RECEIVED");
    assertThat(transfer.path("payer").asText()).isEqualTo("bison");
    assertThat(transfer.path("requestId").asText()).isNotEmpty();
    assertThat(transfer.path("receivedAt").asText()).matches("\\d{4}-\\d\\d-\\d\\dT.*Z");
    assertThat(transfer.path("events")).isNotEmpty();
    assertThat(transfer.path("jobs").isArray()).isTrue();
    assertThat(transfer.path("files").isArray()).isTrue();
    assertThat(transfer.path("deliveries").isArray()).isTrue();
    assertThat(answer.body()).doesNotContain(PHI);
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
  }

  @Test
  void longListsOfATransferComeInPages() throws Exception {
    String id = register("bison");
    for (int number = 1000; number < 1250; number++) {
      bundle
          .jdbc()
          .sql(
              """
              INSERT INTO transfer_event (transfer_id, number, at, actor, what)
              VALUES (?, ?, CURRENT_TIMESTAMP, 'test', 'RETRIED')""")
          .params(id, number)
          .update();
    }

    JsonNode transfer = json(get("/api/transfers/" + id));
    JsonNode next = json(get("/api/transfers/" + id + "/events?page=1"));

    int before = transfer.at("/totals/events").asInt() - 250;
    assertThat(transfer.path("events")).hasSize(200);
    assertThat(transfer.at("/totals/files").asInt(-1)).isZero();
    assertThat(next.path("events")).hasSize(50 + before);
    assertThat(next.at("/events/0/number").asInt()).isEqualTo(1200 - before);
    assertThat(next.path("page").asInt()).isEqualTo(1);
    assertThat(next.path("total").asInt()).isEqualTo(250 + before);
    assertThat(json(get("/api/transfers/" + id + "/files")).path("files").isArray()).isTrue();
    assertThat(get("/api/transfers/" + id + "/secrets").statusCode()).isEqualTo(400);
    assertThat(get("/api/transfers/" + id + "/events?page=-1").statusCode()).isEqualTo(400);
    assertThat(get("/api/transfers/no-such/events").statusCode()).isEqualTo(404);
  }

  @Test
  void warningsAreToldThoughTheirFileIsFarBehind() throws Exception {
    String id = register("bison");
    bundle
        .jdbc()
        .sql(
            """
            INSERT INTO export_job (transfer_id, payer, group_id, state, updated_at)
            VALUES (?, 'bison', 'g', 'COMPLETE', CURRENT_TIMESTAMP)""")
        .param(id)
        .update();
    bundle
        .jdbc()
        .sql(
            """
            INSERT INTO output_file (job_id, transfer_id, payer, kind, resource_type, place, number,
              export_number, url, state, warnings, updated_at)
            SELECT id, transfer_id, payer, 'OUTPUT', 'Claim', "X", "X", 1, 'http://127.0.0.1:1/', 'STORED',
              CASE WHEN "X" = 201 THEN '3 resources are missing' END, CURRENT_TIMESTAMP
            FROM export_job CROSS JOIN SYSTEM_RANGE(1, 201) WHERE transfer_id = ?""")
        .param(id)
        .update();

    JsonNode transfer = json(get("/api/transfers/" + id));
    assertThat(transfer.path("files")).hasSize(200);
    assertThat(transfer.path("warned")).hasSize(1);
    assertThat(transfer.at("/totals/warned").asInt()).isOne();
    JsonNode warned = json(get("/api/transfers/" + id + "/warned"));
    assertThat(warned.path("warned")).isEqualTo(transfer.path("warned"));
    assertThat(warned.at("/warned/0/part").asText()).isEqualTo("files");
    assertThat(warned.at("/warned/0/name").asText()).isEqualTo("Claim-201.ndjson");
    assertThat(warned.at("/warned/0/warnings/0").asText()).isEqualTo("3 resources are missing");
    assertThat(warned.path("total").asInt()).isOne();
  }

  @Test
  void aCancelledTransferNamesWhoDidItAndIsRetriedByNobody() throws Exception {
    String id = register("bison");

    assertThat(post("/api/transfers/" + id + "/cancel", "ann").statusCode()).isEqualTo(200);

    JsonNode transfer = json(get("/api/transfers/" + id));
    assertThat(transfer.path("status").asText()).isEqualTo("CANCELLED");
    assertThat(transfer.path("events").findValuesAsText("actor")).contains("ann");
    assertThat(post("/api/transfers/" + id + "/cancel", "ann").statusCode()).isEqualTo(409);
    assertThat(post("/api/transfers/" + id + "/retry", "ann").statusCode()).isEqualTo(409);
  }

  @Test
  void whatFailedAtOnePayerForOneReasonIsRetriedAtOnce() throws Exception {
    HttpResponse<String> answer =
        post("/api/transfers/retry?payer=bison&reason=payer_refused", "ann");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(json(answer).path("transfers").asInt()).isZero();
  }

  @Test
  void anActionIsTriedDryThenDoneToAllThatMatchWhichTheAuditTrailTells() throws Exception {
    String first = register("weasel");
    String second = register("weasel");
    assertThat(post("/api/transfers/" + first + "/cancel", "ann").statusCode()).isEqualTo(200);
    String cancel = "{`action`: `cancel`, `filter`: {`payer`: `weasel`}, `dryRun`: %s}";

    JsonNode dry = json(act(cancel.formatted(true)));
    String before = json(get("/api/transfers/" + second)).path("status").asText();
    JsonNode done = json(act(cancel.formatted(false)));

    assertThat(dry.toString())
        .isEqualTo(
            "{'action':'CANCEL','dryRun':true,'matched':2,'done':1,'refused':{'ENDED':1}}"
                .replace('\'', '"'));
    assertThat(before).isEqualTo("RECEIVED");
    assertThat(done.path("done").asInt()).isOne();
    JsonNode shown = json(get("/api/transfers/" + second));
    assertThat(shown.path("status").asText()).isEqualTo("CANCELLED");
    assertThat(shown.path("events").findValuesAsText("actor")).contains("bob");
  }

  @Test
  void noMoreIsDoneThanTheDryRunShowed() throws Exception {
    String first = register("fitchew");
    String cancel = "{`action`: `cancel`, `filter`: {`payer`: `fitchew`}, %s}";
    long shown = json(act(cancel.formatted("`dryRun`: true"))).path("done").asLong();
    String later = register("fitchew");

    JsonNode done = json(act(cancel.formatted("`most`: " + shown)));

    assertThat(done.path("matched").asInt()).isEqualTo(2);
    assertThat(done.path("done").asInt()).isOne();
    assertThat(done.path("refused").toString()).isEqualTo("{\"LEFT\":1}");
    assertThat(json(get("/api/transfers/" + first)).path("status").asText()).isEqualTo("CANCELLED");
    assertThat(json(get("/api/transfers/" + later)).path("status").asText())
        .isNotEqualTo("CANCELLED");
  }

  @Test
  void whatWaitsIsTriedNowByItselfAndByFilter() throws Exception {
    String id = register("marten");
    assertThat(post("/api/transfers/" + id + "/now", "ann").body())
        .contains("nothing of it waits for its next try");
    String now =
        "{`action`: `now`, `filter`: {`payer`: `marten`, `state`: [`RECEIVED`, `MATCHED`]}}";

    waitAnHour(id);
    assertThat(json(act(now)).path("done").asInt()).isOne();
    assertThat(json(act(now)).path("refused").toString()).isEqualTo("{\"NOTHING_WAITS\":1}");
    waitAnHour(id);
    assertThat(post("/api/transfers/" + id + "/now", "ann").statusCode()).isEqualTo(200);

    assertThat(json(get("/api/transfers/" + id)).path("events").findValuesAsText("what"))
        .endsWith("TRIED_NOW", "TRIED_NOW");
  }

  private static void waitAnHour(String id) {
    bundle
        .jdbc()
        .sql(
            """
            UPDATE step SET failing_since = CURRENT_TIMESTAMP, attempts = 1,
              due_at = CURRENT_TIMESTAMP + INTERVAL '1' HOUR WHERE transfer_id = ?""")
        .param(id)
        .update();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{`action`: `retry`} | the filter is empty",
        "{`action`: `retry`, `filter`: {}} | the filter is empty",
        "{`action`: `retry`, `filter`: {}, `all`: false} | the filter is empty",
        "{`action`: `explode`, `all`: true} | action is none of",
        "{`all`: true} | action is none of",
        "{`action`: `retry`, `filter`: {`stauts`: `FAILED`}} | stauts is not known in the filter",
        "{`action`: `retry`, `filter`: {`state`: `LOST`}} | state is none of",
        "{`action`: `retry`, `filter`: {`payer`: 7}} | payer is no text",
        "{`action`: `retry`, `filter`: `all`} | the filter is no JSON object",
        "{`action`: `retry`, `all`: true, `dryrun`: true} | dryrun is not known in the body",
        "{`action`: `retry`, `all`: true, `dryRun`: `no`} | dryRun is neither true nor false",
        "{`action`: `retry`, `all`: true, `most`: -1} | most is no number from 0 on",
        "{`action`: `retry`, `all`: true, `most`: `1`} | most is no number from 0 on",
        "{`action`: `retry`, `all`: true, `most`: 1.5} | most is no number from 0 on",
        "{`action`: `retry`, `all`: true, `all`: true} | the body is no JSON",
        "[] | the body is no JSON object",
        "nothing | the body is no JSON"
      })
  void anActionThatMakesNoSenseIsRefusedWithWhatIsWrong(String body, String words)
      throws Exception {
    HttpResponse<String> answer = act(body);

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body().replace("\\\"", "`")).contains(words);
  }

  @Test
  void allTransfersAreMeantOnlyIfItIsSaid() throws Exception {
    JsonNode all = json(act("{`action`: `retry`, `all`: true, `dryRun`: true}"));

    assertThat(all.path("matched").asInt()).isPositive();
    assertThat(act("").statusCode()).isEqualTo(400);
    assertThat(get("/api/actions").statusCode()).isEqualTo(405);
    assertThat(post("/api/actions?all=true", "ann").body()).contains("all is not known");
  }

  @Test
  void payersAreShownWithWhatWaitsForThemAndWhyAndUntilWhenTheyAreHeld() throws Exception {
    register("bison");
    register("polecat");
    bundle
        .bean("payerHolds", PayerHolds.class)
        .hold("polecat", Duration.ofHours(1), "payer polecat answered 429");

    HttpResponse<String> answer = get("/api/payers");

    JsonNode bison = of(json(answer).path("payers"), "bison");
    assertThat(bison.path("dialect").asText()).isEqualTo("1up");
    assertThat(bison.path("maxParallelRequests").asInt()).isPositive();
    assertThat(bison.has("parallelRequestsNow")).as("it bears all").isFalse();
    bundle.jdbc().sql("UPDATE payer_gate SET pace = 2 WHERE payer = 'bison'").update();
    assertThat(of(json(get("/api/payers")).path("payers"), "bison").path("parallelRequestsNow"))
        .isEqualTo(new IntNode(2));
    bundle.jdbc().sql("UPDATE payer_gate SET pace = NULL WHERE payer = 'bison'").update();
    assertThat(bison.at("/transfers/RECEIVED").asInt()).isPositive();
    assertThat(bison.at("/work/due").asInt()).isPositive();
    assertThat(bison.at("/work/dueSince").asText()).isNotEmpty();
    assertThat(bison.path("held")).isEmpty();
    JsonNode polecat = of(json(answer).path("payers"), "polecat");
    assertThat(polecat.has("dialect")).as("it is not configured").isFalse();
    JsonNode held = polecat.at("/held/0");
    assertThat(held.path("reason").asText()).isEqualTo("PAYER_BUSY");
    assertThat(held.path("detail").asText()).isEqualTo("payer polecat answered 429");
    assertThat(held.path("until").asText()).isGreaterThan(held.path("since").asText());
    assertThat(answer.body()).doesNotContain(PHI, "secret", "127.0.0.1");
    assertThat(get("/api/payers?page=1").statusCode()).isEqualTo(400);
  }

  @Test
  void sinksAreShownWithWhatWaitsForThemAndWithoutTheirUris() throws Exception {
    String id = register("bison");
    bundle
        .jdbc()
        .sql(
            """
            INSERT INTO step (kind, lane, transfer_id, item, due_at, failing_since)
            VALUES ('DELIVER', ?, ?, 1, CURRENT_TIMESTAMP - INTERVAL '1' HOUR, CURRENT_TIMESTAMP)""")
        .params("file-uri-9", id)
        .update();

    HttpResponse<String> answer = get("/api/sinks");

    JsonNode configured = of(json(answer).path("sinks"), "name", "resource-uri-3");
    assertThat(configured.path("kind").asText()).isEqualTo("RESOURCE");
    assertThat(configured.at("/work/open").asInt(-1)).isZero();
    assertThat(configured.path("held")).isEmpty();
    JsonNode gone = of(json(answer).path("sinks"), "name", "file-uri-9");
    assertThat(gone.has("kind")).isFalse();
    assertThat(gone.path("key").asText()).isEqualTo("p2p.deliver.file-uris.9");
    assertThat(gone.path("work").toString())
        .startsWith("{\"open\":1,\"running\":0,\"failing\":1,\"due\":1,\"dueSince\":");
    assertThat(gone.at("/held/0/reason").asText()).isEqualTo("SINK_REFUSED");
    assertThat(answer.body()).doesNotContain("a-secret-endpoint");
    bundle.jdbc().sql("DELETE FROM step WHERE lane = 'file-uri-9'").update();
  }

  @Test
  void aPayerIsPausedAndResumedByNameAndSaysSoWhereverItIsShown() throws Exception {
    String id = register("bison");
    String pause = "{`action`: `%s`, `filter`: {`payer`: `bison`}, `dryRun`: %s}";
    assertThat(json(act(pause.formatted("pause", true))).path("done").asInt()).isOne();
    assertThat(json(act(pause.formatted("resume", true))).path("refused").toString())
        .isEqualTo("{\"ALREADY\":1}");

    assertThat(json(act(pause.formatted("pause", false))).path("done").asInt()).isOne();

    for (JsonNode held :
        List.of(
            of(json(get("/api/payers")).path("payers"), "bison").at("/held/0"),
            of(json(get("/api/transfers?size=1")).path("held"), "name", "bison"),
            json(get("/api/transfers/" + id)).at("/held/0"),
            json(get("/api/transfers/" + id)).path("waitsFor"))) {
      assertThat(held.path("reason").asText()).as(held.toString()).isEqualTo("PAUSED");
      assertThat(held.path("detail").asText()).startsWith("paused by bob");
      assertThat(held.path("since").asText()).isNotEmpty();
    }
    assertThat(get("/observe/metrics").body())
        .contains("p2p_held_seconds{kind=\"payer\",name=\"bison\",reason=\"PAUSED\"}");
    assertThat(json(act(pause.formatted("resume", false))).path("done").asInt()).isOne();
    assertThat(json(get("/api/transfers/" + id)).has("waitsFor")).isFalse();
  }

  /** Nothing waits there any more, and it is not configured: only that it is paused is left. */
  @ParameterizedTest
  @CsvSource({"payer, left-payer, /api/payers, id", "sink, file-uri-8, /api/sinks, name"})
  void whatIsPausedIsShownAndResumedThoughNothingElseIsLeftOfIt(
      String kind, String name, String path, String key) throws Exception {
    TokenClient.Kind of = TokenClient.Kind.valueOf(kind.toUpperCase(Locale.ROOT));
    new Pauses(bundle.bean("ledgerDatabase", LedgerDatabase.class)).pause(of, name, "ann");

    JsonNode left = of(json(get(path)).path(kind + "s"), key, name);
    assertThat(left.at("/held/0/reason").asText()).isEqualTo("PAUSED");
    assertThat(left.at("/held/0/detail").asText()).startsWith("paused by ann");
    assertThat(left.at("/work/open").asInt(-1)).isZero();
    assertThat(left.has("dialect") || left.has("kind")).as("it is not configured").isFalse();

    String resume = "{`action`: `resume`, `filter`: {`%s`: `%s`}}".formatted(kind, name);
    assertThat(json(act(resume)).path("done").asInt()).isOne();
    assertThat(get(path).body()).doesNotContain(name);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{`action`: `pause`, `all`: true} | PAUSE is for one payer or one sink alone",
        "{`action`: `resume`, `filter`: {`payer`: `bison`, `state`: `FAILED`}} | RESUME is for one payer",
        "{`action`: `pause`, `filter`: {`payer`: `bisn`}} | payer bisn is not configured",
        "{`action`: `pause`, `filter`: {`sink`: `fihr`}} | sink fihr is not configured",
        "{`action`: `pause`, `filter`: {`sink`: `outbox`}} | outbox is our own",
        "{`action`: `resume`, `filter`: {`sink`: `outcome-queue`}} | outcome-queue is our own"
      })
  void onlyWhatIsThereIsPausedAndByItselfAlone(String body, String words) throws Exception {
    HttpResponse<String> answer = act(body);

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains(words);
  }

  @Test
  void anOutboxThatCannotBeUsedIsToldAmongTheSinksAndNotOfThePayer() throws Exception {
    Files.createDirectories(bundle.outbox());
    Path inTheWay = Files.writeString(bundle.outbox().resolve("wolverine"), "no folder");
    String id = register("wolverine");
    post("/api/transfers/" + id + "/cancel", "ann");

    await()
        .untilAsserted(
            () -> {
              JsonNode outbox = of(json(get("/api/sinks")).path("sinks"), "name", "outbox");
              assertThat(outbox.path("key").asText()).isEqualTo("p2p.outbox.directory");
              assertThat(outbox.at("/work/failing").asInt()).isOne();
              assertThat(outbox.at("/failing/reason").asText()).isEqualTo("SINK_UNAVAILABLE");
              assertThat(outbox.at("/failing/detail").asText()).contains("outbox", "wolverine");
            });
    assertThat(get("/api/payers").body()).doesNotContain("wolverine");
    Files.delete(inTheWay);
    post("/api/transfers/" + id + "/now", "ann");
    await()
        .untilAsserted(
            () -> {
              JsonNode outbox = of(json(get("/api/sinks")).path("sinks"), "name", "outbox");
              assertThat(outbox.at("/work/failing").asInt()).isZero();
            });
  }

  @Test
  void anActionThatBreaksOffSaysToHowManyItIsDone() throws Exception {
    register("vole");
    register("vole");
    String third = register("vole");
    String broken = "ALTER TABLE transfer_event ADD CONSTRAINT broken CHECK (transfer_id <> '%s')";
    bundle.jdbc().sql("DELETE FROM transfer_event WHERE transfer_id = ?").param(third).update();
    bundle.jdbc().sql(broken.formatted(third)).update();

    HttpResponse<String> answer = act("{`action`: `cancel`, `filter`: {`payer`: `vole`}}");
    bundle.jdbc().sql("ALTER TABLE transfer_event DROP CONSTRAINT broken").update();

    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.body()).contains("it is done to 2 transfers, perhaps to one more");
    assertThat(ids("payer=vole&state=RECEIVED")).containsExactly(third);
  }

  private static HttpResponse<String> act(String body) throws Exception {
    return send(
        HttpRequest.newBuilder(bundle.opsUrl().resolve("/api/actions"))
            .POST(BodyPublishers.ofString(body.replace('`', '"')))
            .header("Content-Type", "application/json")
            .header(Operations.ACTOR, "bob"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "?page=-1",
        "?page=x",
        "?page=99999999999",
        "?size=0",
        "?size=1001",
        "?status=LOST",
        "?payer=Bison!",
        "?status=",
        "?stauts=FAILED",
        "/some-id?inclde=request",
        "/some-id/files?pge=1",
        "/..%2f..%2fetc",
        "/%00",
        "/a'b",
        "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      })
  void whatMakesNoSenseIs400(String path) throws Exception {
    assertThat(get("/api/transfers" + path).statusCode()).isEqualTo(400);
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /api/transfers/no-such-transfer, 404",
    "POST, /api/transfers/no-such-transfer/retry, 404",
    "POST, /api/transfers/no-such-transfer/cancel, 404",
    "POST, /api/transfers/retry, 400",
    "POST, /api/transfers/retry?payer=nobody&reason=INTERNAL, 400",
    "POST, /api/transfers/retry?payer=bison&reason=INTERNAL&state=FAILED, 400",
    "POST, /api/transfers/no-such-transfer/retry?now=true, 400",
    "POST, /api/transfers?payr=bison, 400",
    "GET, /api/other, 404",
    "DELETE, /api/transfers, 405"
  })
  void whatIsNotThereIsNotThere(String method, String path, int status) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(bundle.opsUrl().resolve(path))
            .method(method, BodyPublishers.noBody())
            .build();

    assertThat(CLIENT.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(status);
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://evil.example", "http://127.0.0.1:1", "null", ""})
  void anotherWebPageGetsNothing(String origin) throws Exception {
    assertThat(from(origin).statusCode()).isEqualTo(403);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/api/transfers", "/observe/health", "/observe/metrics"})
  void noPathLetsPagesOfOtherOriginsReadIt(String path) throws Exception {
    for (String method : List.of("OPTIONS", "GET")) {
      HttpResponse<String> answer =
          send(
              HttpRequest.newBuilder(bundle.opsUrl().resolve(path))
                  .method(method, BodyPublishers.noBody())
                  .header("Origin", "https://evil.example")
                  .header("Access-Control-Request-Method", "POST"));

      assertThat(answer.headers().map().keySet())
          .noneMatch(name -> name.toLowerCase(Locale.ROOT).startsWith("access-control"));
    }
  }

  @Test
  void ourOwnWebPageGetsWhatItAsksFor() throws Exception {
    assertThat(from(bundle.opsUrl().toString()).statusCode()).isEqualTo(200);
  }

  @Test
  void noHeaderOfTheRequestComesBack() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(bundle.opsUrl().resolve("/api/transfers"))
            .header("Authorization", "Bearer something")
            .header("X-Mine", "something")
            .build();

    HttpResponse<String> answer = CLIENT.send(request, BodyHandlers.ofString());

    assertThat(answer.headers().map()).doesNotContainKeys("authorization", "x-mine");
  }

  @Test
  void withAnApiKeyOnlyItsHoldersGetIn(@TempDir Path otherFolder) throws Exception {
    String key = "the key, with 'quotes'";
    try (TestBundle guarded =
        TestBundle.in(otherFolder).ops().set("p2p.ops.api-key", key).start()) {
      URI transfers = guarded.opsUrl().resolve("/api/transfers");

      assertThat(send(HttpRequest.newBuilder(transfers)).statusCode()).isEqualTo(401);
      assertThat(withKey(transfers, "Bearer the wrong key").statusCode()).isEqualTo(401);
      assertThat(withKey(transfers, key).statusCode()).isEqualTo(401);
      assertThat(withKey(transfers, "bearer " + key).statusCode()).isEqualTo(200);
      assertThat(
              send(HttpRequest.newBuilder(transfers.resolve("/observe/health/live"))).statusCode())
          .isEqualTo(200);
    }
  }

  @Test
  void aStoppedRouteMakesTheProcessUnreadyButNotDead() throws Exception {
    HttpResponse<String> ready = get("/observe/health/ready");

    assertThat(ready.statusCode()).isEqualTo(503);
    assertThat(ready.body()).contains("match-member");
    assertThat(get("/observe/health/live").statusCode()).isEqualTo(200);
  }

  @Test
  void metricsCountTransfersByPayerAndState() throws Exception {
    register("otter");
    register("otter");

    assertThat(get("/observe/metrics").body())
        .contains("p2p_transfers{payer=\"otter\",state=\"RECEIVED\"} 2.0")
        .contains("p2p_takeovers_total{payer=\"otter\"} 0.0")
        .doesNotContain(PHI);
  }

  @Test
  void eachOfOurMetricsSaysWhatItIs() throws Exception {
    register("otter");
    String metrics = get("/observe/metrics").body();

    assertThat(metrics.lines().filter(line -> line.startsWith("# TYPE p2p_")))
        .hasSizeGreaterThan(9)
        .allSatisfy(
            line ->
                assertThat(metrics)
                    .containsPattern(
                        line.replaceFirst("# TYPE (\\S+) .*", "# HELP $1 [A-Z][a-z]+ ")));
  }

  @Test
  void openBatchesAreShownBesideThePagesAndByThemselvesWithoutPhi() throws Exception {
    List<String> members = gather(PHI + "-a", PHI + "-b");

    String batch = json(get("/api/transfers/" + members.get(0))).path("batch").asText();
    JsonNode page = json(get("/api/transfers?payer=bison&size=1"));
    HttpResponse<String> answer = get("/api/transfers/" + batch);

    JsonNode listed = of(page.path("batches"), batch);
    assertThat(listed.path("payer").asText()).isEqualTo(Herd.LARGE);
    assertThat(listed.path("phase").asText()).isEqualTo("GATHERING");
    assertThat(listed.path("members").asInt()).isEqualTo(2);
    assertThat(listed.path("outcomes").toString()).isEqualTo("{\"RECEIVED\":2}");
    assertThat(listed.path("openedAt").asText()).matches("\\d{4}-\\d\\d-\\d\\dT.*Z");
    assertThat(listed.path("dueAt").asText()).isGreaterThan(listed.path("openedAt").asText());
    assertThat(page.path("batchesTotal").asInt()).isEqualTo(page.path("batches").size());
    assertThat(ids("batch=" + batch)).containsExactlyInAnyOrderElementsOf(members);
    assertThat(get("/api/transfers?batch=a'b").statusCode()).isEqualTo(400);

    JsonNode shown = json(answer);
    assertThat(shown.path("asBatch")).isEqualTo(listed);
    assertThat(shown.has("source")).as("it came from nowhere").isFalse();
    assertThat(shown.at("/jobs/0/kind").asText()).isEqualTo("MATCH");
    assertThat(shown.at("/events/0/what").asText()).isEqualTo("BATCH_OPENED");
    assertThat(answer.body()).doesNotContain(PHI);
    assertThat(json(get("/api/transfers/" + members.get(0))).has("asBatch")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"retry", "cancel"})
  void membersAreRetriedAndCancelledAndNotTheirBatch(String what) throws Exception {
    String member = gather("Cedar-" + what).get(0);
    String batch = json(get("/api/transfers/" + member)).path("batch").asText();

    HttpResponse<String> answer = post("/api/transfers/" + batch + "/" + what, "ann");

    assertThat(answer.statusCode()).isEqualTo(409);
    assertThat(answer.body())
        .contains("this is a batch: its members are retried and cancelled, each by its own id");
    assertThat(post("/api/transfers/" + member + "/cancel", "ann").statusCode()).isEqualTo(200);
    JsonNode shown = json(get("/api/transfers/" + batch)).path("asBatch");
    assertThat(shown.at("/outcomes/CANCELLED").asInt()).isPositive();
  }

  @Test
  void metricsTellHowManyBatchesAreOpenForHowLongAndWhatBecameOfMembers() throws Exception {
    String member = gather("Elm").get(0);
    assertThat(post("/api/transfers/" + member + "/cancel", "ann").statusCode()).isEqualTo(200);

    assertThat(get("/observe/metrics").body())
        .containsPattern("p2p_batches\\{payer=\"large-herd\"} [1-9]")
        .containsPattern("p2p_oldest_batch_seconds\\{payer=\"large-herd\"} \\d")
        .containsPattern("p2p_batch_members\\{outcome=\"CANCELLED\",payer=\"large-herd\"} [1-9]")
        .doesNotContain("payer=\"otter\",outcome")
        .doesNotContain(PHI);
  }

  private static List<String> gather(String... families) {
    return new Herd(bundle.bean("ledgerDatabase", LedgerDatabase.class)).register(families);
  }

  private static JsonNode of(JsonNode all, String id) {
    return of(all, "id", id);
  }

  private static JsonNode of(JsonNode all, String name, String value) {
    for (JsonNode one : all) {
      if (one.path(name).asText().equals(value)) {
        return one;
      }
    }
    throw new AssertionError(value + " is not among " + all);
  }

  @Test
  void theRequestIsShownToWhoAsksForItAndTheAuditTrailSaysToWhom() throws Exception {
    String id = register("vixen");

    assertThat(get("/api/transfers/" + id).body()).doesNotContain(PHI);
    HttpResponse<String> shown =
        send(
            HttpRequest.newBuilder(
                    bundle.opsUrl().resolve("/api/transfers/" + id + "?include=request"))
                .header(Operations.ACTOR, "alice"));

    assertThat(json(shown).at("/request/family").asText()).isEqualTo(PHI);
    JsonNode last = json(get("/api/transfers/" + id)).path("events").path(1);
    assertThat(last.path("what").asText()).isEqualTo("REQUEST_SHOWN");
    assertThat(last.path("actor").asText()).isEqualTo("alice");
    assertThat(last.path("at").asText()).isNotEmpty();
    assertThat(get("/api/transfers/" + id + "?include=all").statusCode()).isEqualTo(400);
    assertThat(get("/api/transfers/nobody?include=request").statusCode()).isEqualTo(404);
  }

  private static String register(String payer) {
    IntakeEntry entry =
        PlainRecord.of(
            "test.json",
            1,
            "R-" + UUID.randomUUID(),
            payer,
            "0".repeat(64),
            "{\"family\":\"" + PHI + "\"}",
            LocalDate.of(2099, 12, 31));
    return bundle
        .bean("transferLedger", TransferLedger.class)
        .register(List.of(entry))
        .get(0)
        .transferId();
  }

  private static List<String> ids(String query) throws Exception {
    return json(get("/api/transfers?" + query)).path("transfers").findValuesAsText("id");
  }

  private static HttpResponse<String> get(String path) throws Exception {
    return send(HttpRequest.newBuilder(bundle.opsUrl().resolve(path)));
  }

  /** As a browser asks: without TLS it speaks HTTP/1.1. */
  private static HttpResponse<String> from(String origin) throws Exception {
    return send(
        HttpRequest.newBuilder(bundle.opsUrl().resolve("/api/transfers"))
            .version(HttpClient.Version.HTTP_1_1)
            .header("Origin", origin));
  }

  private static HttpResponse<String> withKey(URI url, String authorization) throws Exception {
    return send(HttpRequest.newBuilder(url).header("Authorization", authorization));
  }

  private static HttpResponse<String> post(String path, String actor) throws Exception {
    return send(
        HttpRequest.newBuilder(bundle.opsUrl().resolve(path))
            .POST(BodyPublishers.noBody())
            .header(Operations.ACTOR, actor));
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return CLIENT.send(request.build(), BodyHandlers.ofString());
  }

  private static JsonNode json(HttpResponse<String> answer) throws Exception {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return new ObjectMapper().readTree(answer.body());
  }
}
