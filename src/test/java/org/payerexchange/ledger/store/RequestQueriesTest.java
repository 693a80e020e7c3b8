package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.payerexchange.ledger.IntakeEntry;
import org.payerexchange.ledger.ReportedRequest;
import org.payerexchange.ledger.store.ExplainedStatements.Explained;

/** The requests of a period, page by page. */
class RequestQueriesTest extends LedgerTest {
  private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

  @Test
  void everyRequestComesOnceHoweverManyWereReceivedAtOnce() {
    fill("in", "TIMESTAMP WITH TIME ZONE '2026-01-01 00:00:00+00'", 2500);
    fill("later", "TIMESTAMP WITH TIME ZONE '2026-01-02 00:00:00+00'", 10);

    List<ReportedRequest> all = all(filter(null, BEGIN, BEGIN.plusSeconds(1)));

    assertThat(all).hasSize(2500);
    assertThat(all).extracting(ReportedRequest::id).doesNotHaveDuplicates().isSorted();
    assertThat(all(filter(null, BEGIN, null))).hasSize(2510);
    assertThat(all(filter("elk", BEGIN, null))).isEmpty();
    assertThat(all(filter(null, BEGIN.plusSeconds(1), null))).hasSize(10);
  }

  @Test
  void batchesAndRejectedRecordsAreNoRequestsAndMembersOfBatchesAre() {
    List<String> members = new Herd(node).register("Ash", "Birch", "Cedar");
    node.transfers.register(
        List.of(new IntakeEntry.Rejected("inbox/bad_1.csv", 3, "abc", "birthDate")));

    List<ReportedRequest> all = all(filter(null, null, null));

    assertThat(all).extracting(ReportedRequest::id).containsExactlyInAnyOrderElementsOf(members);
    assertThat(all).allMatch(ReportedRequest::requestIsKept);
  }

  @Test
  void theLatestTransferOfWhatRepeatsSaysSinceWhenNobodyWasAsked() {
    List<String> ids = node.register("bison", 4);
    repeats("r-1", ids.get(1), "ACTIVE", ids.get(0), ids.get(1));
    repeats("r-2", ids.get(2), "ACTIVE", ids.get(2));
    repeats("r-3", ids.get(3), "OVER", ids.get(3));
    database
        .jdbc()
        .sql("UPDATE transfer SET asked_at = ? WHERE id IN (?, ?)")
        .params(LedgerDatabase.time(BEGIN), ids.get(0), ids.get(3))
        .update();

    assertThat(all(filter(null, null, null)))
        .extracting(ReportedRequest::id, ReportedRequest::repeatsSince)
        .containsExactlyInAnyOrder(
            tuple(ids.get(0), null),
            tuple(ids.get(1), BEGIN),
            tuple(ids.get(2), BEGIN.minusSeconds(60)),
            tuple(ids.get(3), null));

    database
        .jdbc()
        .sql("UPDATE transfer SET asked_at = ? WHERE id = ?")
        .params(LedgerDatabase.time(BEGIN.plusSeconds(60)), ids.get(1))
        .update();
    assertThat(all(filter(null, null, null)))
        .extracting(ReportedRequest::repeatsSince)
        .contains(BEGIN.plusSeconds(60));
  }

  private void repeats(String recurrence, String last, String state, String... transfers) {
    database
        .jdbc()
        .sql(
            """
            INSERT INTO recurrence (id, payer, source, record_number, request_sha256, state,
              repeat_every, repeat_until, transfers, last_transfer, started_at)
            VALUES (?, 'bison', '', 1, '', ?, 'P90D', DATE '2030-01-01', ?, ?, ?)""")
        .params(
            recurrence, state, transfers.length, last, LedgerDatabase.time(BEGIN.minusSeconds(60)))
        .update();
    String before = null;
    for (String transfer : transfers) {
      database
          .jdbc()
          .sql("UPDATE transfer SET recurrence_id = ?, repeat_of = ? WHERE id = ?")
          .params(Arrays.asList(recurrence, before, transfer))
          .update();
      before = transfer;
    }
  }

  @Test
  void aPageReadsNoMoreThanItselfByAnIndex() throws Exception {
    fill(
        "old", "TIMESTAMP WITH TIME ZONE '2025-01-01 00:00:00+00' + n * INTERVAL '1' SECOND", 9000);
    fill(
        "new", "TIMESTAMP WITH TIME ZONE '2026-01-01 00:00:00+00' + n * INTERVAL '1' SECOND", 5000);
    database.jdbc().sql(kind == TestDatabase.H2 ? "ANALYZE" : "ANALYZE transfer").update();
    RequestQueries queries = new RequestQueries(database);
    TransferFilter period = filter(null, BEGIN, BEGIN.plusSeconds(4500));
    Optional<ReportedRequest> last =
        queries.page(period, Optional.empty()).stream().reduce((one, other) -> other);

    long rows =
        new ExplainedStatements(database)
            .of(() -> database.change(() -> queries.page(period, last))).values().stream()
                .mapToLong(Explained::rows)
                .sum();

    assertThat(rows).isLessThan(3L * RequestQueries.PAGE);
  }

  private List<ReportedRequest> all(TransferFilter filter) {
    RequestQueries queries = new RequestQueries(database);
    List<ReportedRequest> all = new ArrayList<>();
    List<ReportedRequest> page;
    do {
      page =
          queries.page(
              filter, all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1)));
      all.addAll(page);
    } while (page.size() == RequestQueries.PAGE);
    return all;
  }

  private static TransferFilter filter(String payer, Instant from, Instant until) {
    return new TransferFilter(Set.of(), payer, Set.of(), null, null, null, null, from, until);
  }

  private void fill(String name, String receivedAt, int count) {
    database
        .jdbc()
        .sql(
            """
            INSERT INTO transfer (id, payer, state, source, record_number, request_sha256,
              received_at, updated_at)
            SELECT '%s-' || n, 'bison', 'COMPLETE', '', n, '', %s, CURRENT_TIMESTAMP FROM %s"""
                .formatted(
                    name,
                    receivedAt,
                    (kind == TestDatabase.H2
                            ? "(SELECT \"X\" AS n FROM system_range(1, %d)) numbers"
                            : "generate_series(1, %d) AS numbers(n)")
                        .formatted(count)))
        .update();
  }
}
