package org.payerexchange.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.payerexchange.ledger.ExplainedStatements.Explained;

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
