package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.sandbox.Fault;
import org.payerexchange.sandbox.LoadShape;
import org.payerexchange.sandbox.Member;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.RequestKind;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.TestBundle;

/** What is held of a member goes when somebody says so, and that it was asked stays. */
class ForgetTest {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  @TempDir static Path folder;

  private static Sandbox sandbox;
  private static TestBundle bundle;

  @BeforeAll
  static void start() throws Exception {
    sandbox = Sandbox.start(SandboxOptions.builder().load(new LoadShape(3, 2000)).build());
    bundle =
        TestBundle.in(folder)
            .ops()
            .payer("bison", sandbox.origin().toString())
            .set("p2p.payers.bison.client-id", SandboxOptions.DEFAULT_CLIENT_ID)
            .set("p2p.payers.bison.client-secret", SandboxOptions.DEFAULT_CLIENT_SECRET)
            .set("p2p.deliver.resource-uris.1", "log:archive?level=OFF")
            .start();
  }

  @AfterAll
  static void stop() throws Exception {
    bundle.close();
    sandbox.close();
  }

  @Test
  void requestFilesAndJobsGoAndTheTrailStays() throws Exception {
    String id = complete("R-1", 1);
    String other = complete("R-2", 2);
    assertThat(filesOf(id)).isNotEmpty();

    HttpResponse<String> answer = post("/api/forget?payer=bison&requestId=R-1");

    assertThat(answer.body())
        .contains("\"transfers\":1,\"recurrences\":1")
        .contains("http, from where the request came", "sink resource-uri-1", "payer bison");
    assertThat(filesOf(id)).isEmpty();
    for (String table : List.of("transfer_request", "export_job", "output_file", "delivery")) {
      assertThat(bundle.number("SELECT COUNT(*) FROM " + table + " WHERE transfer_id = ?", id))
          .as(table)
          .isZero();
    }
    assertThat(keptFor("R-1")).isZero();
    assertThat(keptFor("R-2")).isEqualTo(1);
    assertThat(
            bundle.column(
                "SELECT what FROM transfer_event WHERE transfer_id = ? ORDER BY number", id))
        .startsWith("RECEIVED", "MATCHED")
        .contains("COMPLETE")
        .endsWith("FORGOTTEN");
    assertThat(filesOf(other)).as("nobody else's data is touched").isNotEmpty();
    assertThat(bundle.number("SELECT COUNT(*) FROM output_file WHERE transfer_id = ?", other))
        .isPositive();
    assertThat(get("/api/transfers/" + id).statusCode()).isEqualTo(200);
    assertThat(post("/api/forget?payer=bison&requestId=R-1").body())
        .as("again, without harm, and there was nothing")
        .contains(
            "\"transfers\":0,\"recurrences\":0", "the sinks and folders, if any", "payer bison");
  }

  @Test
  void noColumnOfTheLedgerHoldsAWordOfTheRequest() throws Exception {
    Member member = Members.load("bison", 7);
    String[] words = {member.memberId(), member.family(), member.coverageId()};
    String id = complete("R-7", 7);
    assertThat(columnsWith(words)).as("before").isNotEmpty();
    assertThat(policiesOf(id, "R-7")).isEqualTo(2);

    post("/api/forget?payer=bison&requestId=R-7");

    assertThat(columnsWith(words)).isEmpty();
    assertThat(policiesOf(id, "R-7")).isZero();
    assertThat(
            bundle.number(
                "SELECT COUNT(first_day) FROM transfer_consent WHERE transfer_id = ?", id))
        .as("the report counts from it")
        .isEqualTo(1);
  }

  private static long policiesOf(String id, String requestId) {
    return bundle.number(
        """
        SELECT (SELECT COUNT(policy) FROM transfer_consent WHERE transfer_id = ?)
          + (SELECT COUNT(request.consent_policy) FROM recurrence_request request
            JOIN recurrence ON recurrence.id = request.recurrence_id WHERE request_id = ?)""",
        id,
        requestId);
  }

  private static List<String> columnsWith(String... words) {
    return bundle
        .jdbc()
        .sql(
            """
            SELECT table_name, column_name FROM information_schema.columns
            WHERE LOWER(table_schema) = 'public' AND data_type NOT IN ('BIGINT', 'BOOLEAN', 'DATE', 'INTEGER')""")
        .query((row, number) -> row.getString(1) + "." + row.getString(2))
        .stream()
        .filter(
            column -> {
              String[] name = column.split("\\.", 2);
              return Arrays.stream(words)
                  .anyMatch(
                      word ->
                          bundle.number(
                                  "SELECT COUNT(*) FROM %s WHERE %s LIKE ?"
                                      .formatted(name[0], name[1]),
                                  "%" + word + "%")
                              > 0);
            })
        .toList();
  }

  @Test
  void whatRepeatsIsForgottenThoughItsTransfersAreRemoved() throws Exception {
    String id = complete("R-4", 1);
    bundle.jdbc().sql("DELETE FROM transfer WHERE id = ?").param(id).update();

    HttpResponse<String> answer = post("/api/forget?payer=bison&requestId=R-4");

    assertThat(answer.body()).contains("\"transfers\":0,\"recurrences\":1");
    assertThat(keptFor("R-4")).isZero();
  }

  @Test
  void aMemberWhoseRequestHasNoIdIsForgottenByATransfer() throws Exception {
    String other = complete("R-8", 11);
    String id = completeWithoutRequestId(12);
    assertThat(filesOf(id)).isNotEmpty();
    assertThat(keptForUnnamed()).isEqualTo(1);

    HttpResponse<String> answer = post("/api/forget?transfer=" + id);

    assertThat(answer.body()).contains("\"transfers\":1,\"recurrences\":1", "payer bison");
    assertThat(filesOf(id)).isEmpty();
    assertThat(keptForUnnamed()).isZero();
    assertThat(
            bundle.number("SELECT COUNT(*) FROM transfer_request WHERE transfer_id = ?", id)
                + bundle.number("SELECT COUNT(member_ids) FROM transfer WHERE id = ?", id))
        .isZero();
    assertThat(filesOf(other)).as("nobody else's data is touched").isNotEmpty();
    assertThat(keptFor("R-8")).isEqualTo(1);
    assertThat(post("/api/forget?transfer=" + other).body())
        .as("its request is meant where it has an id")
        .contains("\"transfers\":1,\"recurrences\":1");
    assertThat(post("/api/forget?transfer=none").statusCode()).isEqualTo(404);
    assertThat(post("/api/forget?payer=bison&transfer=" + id).statusCode()).isEqualTo(400);
  }

  @Test
  void whereTheRecordOfARejectionIsIsToldInPlaceOfForgettingIt() throws Exception {
    send("{\"payer\":\"bison\"}");
    String id = bundle.column("SELECT id FROM transfer WHERE state = 'REJECTED'").get(0);

    HttpResponse<String> answer = post("/api/forget?transfer=" + id);

    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.body()).contains("a rejected record is in inbox/.rejected");
  }

  private static String completeWithoutRequestId(int number) throws Exception {
    Member member = Members.load("bison", number);
    String record = record("", member).replace("\"requestId\":\"\",", "");
    handIn(record);
    String id =
        bundle
            .column("SELECT id FROM transfer WHERE request_id IS NULL AND state <> 'REJECTED'")
            .get(0);
    awaitComplete(id);
    return id;
  }

  private static long keptForUnnamed() {
    return bundle.number(
        """
        SELECT COUNT(*) FROM recurrence_request WHERE recurrence_id IN
          (SELECT id FROM recurrence WHERE request_id IS NULL)""");
  }

  @Test
  void aFolderThatIsNotThereIsSaidToBeOutOfReach() throws Exception {
    String id = complete("R-5", 1);
    Path moved = Files.move(bundle.outbox().resolve("bison").resolve(id), folder.resolve("moved"));

    assertThat(post("/api/forget?payer=bison&requestId=R-5").body())
        .contains(bundle.outbox().resolve("bison/" + id) + ", which is not there");
    assertThat(moved.resolve("manifest.json")).exists();
    assertThat(post("/api/forget?payer=bison&requestId=R-5").body())
        .doesNotContain("which is not there");
  }

  @Test
  void nothingIsForgottenWhereTheFoldersAreNotThere() throws Exception {
    complete("R-6", 2);
    await()
        .atMost(Duration.ofMinutes(1))
        .until(
            () ->
                bundle.number(
                        "SELECT COUNT(*) FROM transfer WHERE state IN ('RECEIVED', 'MATCHED')")
                    == 0);
    Path moved = Files.move(bundle.outbox(), folder.resolve("unmounted"));

    HttpResponse<String> answer = post("/api/forget?payer=bison&requestId=R-6");

    Files.move(moved, bundle.outbox());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
    assertThat(answer.body()).contains("there is no " + bundle.outbox(), "nothing is forgotten");
    assertThat(keptFor("R-6")).isEqualTo(1);
    assertThat(post("/api/forget?payer=bison&requestId=R-6").body()).contains("\"transfers\":1");
  }

  @Test
  void whatGoesOnIsNotForgotten() throws Exception {
    sandbox.faults().next(RequestKind.MATCH, Fault.UNAVAILABLE, 1_000_000);
    String id = handIn("R-3", 3);

    HttpResponse<String> answer = post("/api/forget?payer=bison&requestId=R-3");

    assertThat(answer.statusCode()).isEqualTo(409);
    assertThat(answer.body()).contains("cancel it, and wait");
    assertThat(bundle.number("SELECT COUNT(*) FROM transfer_request WHERE transfer_id = ?", id))
        .isEqualTo(1);
    sandbox.faults().clear();
    assertThat(post("/api/forget?payer=bison&requestId=none").statusCode()).isEqualTo(404);
    assertThat(post("/api/forget?payer=bison").statusCode()).isEqualTo(400);
    assertThat(post("/api/forget?payer=bison&requestId=R-3&all=true").statusCode()).isEqualTo(400);
  }

  private static long keptFor(String requestId) {
    return bundle.number(
        """
        SELECT COUNT(*) FROM recurrence_request WHERE recurrence_id IN
          (SELECT id FROM recurrence WHERE request_id = ?)""",
        requestId);
  }

  private static String complete(String requestId, int number) throws Exception {
    String id = handIn(requestId, number);
    awaitComplete(id);
    return id;
  }

  private static void awaitComplete(String id) {
    await()
        .atMost(Duration.ofMinutes(1))
        .until(
            () ->
                bundle.number(
                            "SELECT COUNT(*) FROM transfer WHERE id = ? AND state = 'COMPLETE'", id)
                        == 1
                    && bundle.number("SELECT COUNT(*) FROM step WHERE transfer_id = ?", id) == 0);
  }

  private static List<Path> filesOf(String id) throws Exception {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile).filter(file -> file.toString().contains(id)).toList();
    }
  }

  private static String handIn(String requestId, int number) throws Exception {
    handIn(record(requestId, Members.load("bison", number)));
    return bundle.column("SELECT id FROM transfer WHERE request_id = ?", requestId).get(0);
  }

  private static String record(String requestId, Member member) {
    return """
        {"payer":"bison","requestId":"%s","memberId":"%s","given":"%s","family":"%s",
         "birthDate":"%s","coverageId":"%s","consentId":"c","consentPolicy":"regular",
         "consentStart":"2020-01-01","consentEnd":"2099-12-31","repeatEvery":"P90D"}"""
        .formatted(
            requestId,
            member.memberId(),
            member.given(),
            member.family(),
            member.birthDate(),
            member.coverageId());
  }

  private static void handIn(String record) throws Exception {
    HttpResponse<String> answer = send(record);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
  }

  private static HttpResponse<String> send(String record) throws Exception {
    return CLIENT.send(
        HttpRequest.newBuilder(bundle.opsUrl().resolve("/api/transfers"))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(record))
            .build(),
        BodyHandlers.ofString());
  }

  private static HttpResponse<String> post(String path) throws Exception {
    return CLIENT.send(
        HttpRequest.newBuilder(bundle.opsUrl().resolve(path)).POST(BodyPublishers.noBody()).build(),
        BodyHandlers.ofString());
  }

  private static HttpResponse<String> get(String path) throws Exception {
    return CLIENT.send(
        HttpRequest.newBuilder(bundle.opsUrl().resolve(path)).build(), BodyHandlers.ofString());
  }
}
