package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.ledger.store.TestDatabase;
import org.payerexchange.sandbox.LoadShape;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.RequestKind;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.TestBundle;

/** Payers that bear few calls, or none at some hours; two nodes on one PostgreSQL call them. */
class PayerLimitsTest {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final int TRANSFERS = 6;
  private static final int A_SECOND = 5;
  private static final int A_MINUTE = 12;

  /** Notes each lease of a step that calls a payer, when it is given, by the ledger's clock. */
  private static final List<String> NOTE_LEASES =
      List.of(
          "CREATE TABLE noted_lease (at TIMESTAMP WITH TIME ZONE, kind VARCHAR)",
          "CREATE TABLE skipped (minutes INTEGER)",
          "INSERT INTO skipped VALUES (0)",
          """
          CREATE FUNCTION note_lease() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO noted_lease
              SELECT clock_timestamp() + minutes * INTERVAL '1' MINUTE, NEW.kind FROM skipped;
            RETURN NULL; END $$""",
          """
          CREATE TRIGGER leased_new AFTER INSERT ON step FOR EACH ROW
            WHEN (NEW.lease_owner IS NOT NULL AND NEW.lane = 'bison'
              AND NEW.kind NOT IN ('OUTCOME', 'DELIVER'))
            EXECUTE FUNCTION note_lease()""",
          """
          CREATE TRIGGER leased AFTER UPDATE ON step FOR EACH ROW
            WHEN (NEW.lease_owner IS NOT NULL AND NEW.lane = 'bison'
              AND NEW.kind NOT IN ('OUTCOME', 'DELIVER')
              AND NEW.lease_token <> OLD.lease_token)
            EXECUTE FUNCTION note_lease()""");

  /** Nobody waits for a minute whose calls are all used up: it goes by at once. */
  private static final String SKIP =
      """
      WITH used_up AS (UPDATE payer_gate SET called_at = called_at - INTERVAL '1' MINUTE,
          calls_from = calls_from - INTERVAL '1' MINUTE
        WHERE payer = 'bison' AND calls_of_minute >= %d AND calls_from > clock_timestamp()
        RETURNING payer)
      UPDATE skipped SET minutes = minutes + (SELECT COUNT(*) FROM used_up)"""
          .formatted(A_MINUTE);

  private final Instant started = Instant.now();

  @TempDir Path folder;

  @Test
  void noSecondAndNoMinuteHasMoreLeasesOfBothNodesThanItsLimit() throws Exception {
    String url = TestDatabase.POSTGRESQL.newUrl(folder);
    try (Sandbox bison = sandbox(3);
        TestBundle first = limited(url, bison).start();
        TestBundle second = limited(url, bison).start()) {
      NOTE_LEASES.forEach(sql -> first.jdbc().sql(sql).update());
      new Pipeline(second)
          .take(
              IntStream.range(0, TRANSFERS)
                  .mapToObj(n -> Pipeline.record("request-" + n, Members.load("bison", n)))
                  .toList());

      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                first.jdbc().sql(SKIP).update();
                return first.number("SELECT COUNT(*) FROM transfer WHERE state = 'COMPLETE'")
                        == TRANSFERS
                    && first.number("SELECT COUNT(*) FROM step") == 0;
              });

      List<Instant> leases =
          first
              .jdbc()
              .sql("SELECT at FROM noted_lease ORDER BY at")
              .query(OffsetDateTime.class)
              .list()
              .stream()
              .map(OffsetDateTime::toInstant)
              .toList();
      assertApart(leases, A_SECOND, Duration.ofSeconds(1));
      assertApart(leases, A_MINUTE, Duration.ofMinutes(1));
      assertThat(calls(bison)).isGreaterThan(2 * A_MINUTE).isLessThanOrEqualTo(leases.size());
    }
  }

  /** A lease is noted before its claim is counted, and after the room for it was looked up. */
  private static void assertApart(List<Instant> leases, int limit, Duration time) {
    for (int i = limit; i < leases.size(); i++) {
      assertThat(Duration.between(leases.get(i - limit), leases.get(i)))
          .as("leases %d and %d", i - limit, i)
          .isGreaterThanOrEqualTo(time);
    }
  }

  @Test
  void aPayerAtItsLimitIsShownForAsLongAsSomethingIsDueThere() throws Exception {
    try (Sandbox bison = sandbox(1);
        TestBundle bundle =
            Pipeline.payer(TestBundle.in(folder), "bison", bison)
                .set("p2p.payers.bison.calls-per-minute", "2")
                .ops()
                .start()) {
      Pipeline pipeline = new Pipeline(bundle);
      pipeline.take(List.of(Pipeline.record("request", Members.load("bison", 1))));
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  bundle
                          .jdbc()
                          .sql(
                              """
                              UPDATE payer_gate SET calls_from = calls_from + INTERVAL '1' HOUR
                              WHERE calls_of_minute = 2""")
                          .update()
                      == 1);

      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(bundle.get("/api/payers"))
                      .contains("\"callsPerMinute\":2")
                      .doesNotContain("callsPerSecond", "callWindow")
                      .contains("\"reason\":\"AT_LIMIT\"", "\"until\":\"20"));
      assertThat(bundle.get("/api/transfers/" + pipeline.id("request")))
          .contains("\"reason\":\"AT_LIMIT\"");
      assertThat(bundle.get("/observe/health/ready"))
          .contains("payer bison is held since 20", "it has had all calls", ", until 20");
      assertThat(bundle.get("/observe/metrics"))
          .contains("p2p_held_seconds{kind=\"payer\",name=\"bison\",reason=\"AT_LIMIT\"}");
      assertThat(calls(bison)).isEqualTo(2);

      bundle.jdbc().sql("UPDATE step SET due_at = due_at + INTERVAL '1' HOUR").update();
      assertThat(bundle.get("/observe/health/ready")).doesNotContain("is held");
    }
  }

  @Test
  void outsideItsHoursNothingIsSentToAPayerByAnyNodeAlsoAfterARestart() throws Exception {
    String url = TestDatabase.POSTGRESQL.newUrl(folder);
    try (Sandbox bison = sandbox(1);
        Sandbox heron = sandbox(1);
        TestBundle first = closed(url, bison, heron).start();
        TestBundle second = closed(url, bison, heron).start()) {
      Pipeline pipeline = new Pipeline(first);
      pipeline.take(
          List.of(
              Pipeline.record("waits", Members.load("bison", 1)),
              Pipeline.record("goes", Members.load("heron", 1))));
      pipeline.awaitEnd("goes", "COMPLETE");
      second.stop();
      second.start();
      pipeline.take(List.of(Pipeline.record("goes, too", Members.load("heron", 2))));
      pipeline.awaitEnd("goes, too", "COMPLETE");

      assertThat(bison.requests().received()).isEmpty();
      assertThat(pipeline.events(pipeline.id("waits"))).doesNotContain("RETRY_LATER");
      assertThat(second.get("/observe/health/ready"))
          .contains("payer bison is held since 20", "it is outside its call-window, until 20");
      assertThat(second.get("/observe/metrics"))
          .contains("p2p_held_seconds{kind=\"payer\",name=\"bison\",reason=\"OUTSIDE_HOURS\"}");
      assertThat(second.get("/api/payers"))
          .contains("\"callWindow\":\"" + later(6))
          .contains("\"reason\":\"OUTSIDE_HOURS\"");
      assertThat(second.get("/api/transfers?size=1")).contains("\"reason\":\"OUTSIDE_HOURS\"");
      assertThat(second.get("/api/transfers/" + pipeline.id("waits")))
          .contains("\"waitsFor\":{\"step\":\"MEMBER_MATCH\"")
          .contains("\"reason\":\"OUTSIDE_HOURS\"");

      first.jdbc().sql("UPDATE payer_gate SET closed_until = CURRENT_TIMESTAMP").update();

      pipeline.awaitEnd("waits", "COMPLETE");
      assertThat(second.get("/observe/health/ready")).doesNotContain("is held");
    }
  }

  private TestBundle closed(String url, Sandbox bison, Sandbox heron) {
    return Pipeline.payer(node(url, bison), "heron", heron)
        .set("p2p.payers.bison.call-window", later(6) + "-" + later(7))
        .ops();
  }

  /** A full hour, so many hours from now at most. */
  private String later(int hours) {
    return DateTimeFormatter.ofPattern("HH:00")
        .format(started.plus(Duration.ofHours(hours)).atOffset(ZoneOffset.UTC));
  }

  private TestBundle limited(String url, Sandbox bison) {
    return node(url, bison)
        .set("p2p.payers.bison.calls-per-second", String.valueOf(A_SECOND))
        .set("p2p.payers.bison.calls-per-minute", String.valueOf(A_MINUTE));
  }

  private TestBundle node(String url, Sandbox bison) {
    return Pipeline.payer(TestBundle.in(folder), "bison", bison)
        .set("p2p.database.url", url)
        .set("p2p.database.user", "postgres");
  }

  private static Sandbox sandbox(int files) {
    return Sandbox.start(SandboxOptions.builder().load(new LoadShape(files, 512)).build());
  }

  /** The calls that are counted. */
  private static int calls(Sandbox sandbox) {
    return sandbox.requests().received().entrySet().stream()
        .filter(each -> each.getKey() != RequestKind.TOKEN)
        .mapToInt(each -> each.getValue())
        .sum();
  }
}
