package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.ledger.store.ExplainedStatements.Explained;
import org.payerexchange.step.FailureReason;

/** What is read of many transfers that went well to find the few that did not. */
class FilterPlansTest extends LedgerTest {
  private static final int WELL = 20_000;
  private static final int BADLY = 20;
  private static final int FEW = 20 * BADLY;

  @BeforeEach
  void fill() {
    fill("COMPLETE", "NULL", "DONE", WELL);
    fill("FAILED", "'SINK_REFUSED'", "FAILED", BADLY);
    run(database.embedded() ? "ANALYZE" : "VACUUM ANALYZE");
  }

  @Test
  void oneTransferIsFoundByItsRequestIdWithoutALookAtTheOthers() throws Exception {
    assertThat(rows(filter(Set.of(), Set.of(), null, "COMPLETE-17"))).isLessThan(FEW);
  }

  @Test
  void theFewThatFailedAreFoundByStateReasonOrSinkWithoutALookAtTheOthers() throws Exception {
    if (database.embedded()) {
      // it has no partial indexes
      return;
    }
    Set<TransferState> states = Set.of(TransferState.FAILED, TransferState.NO_MATCH);
    Set<FailureReason> reasons = Set.of(FailureReason.SINK_REFUSED);
    assertThat(rows(filter(states, Set.of(), null, null))).isLessThan(FEW);
    assertThat(rows(filter(Set.of(), reasons, null, null))).isLessThan(FEW);
    assertThat(rows(filter(Set.of(), Set.of(), "a", null))).isLessThan(FEW);
    assertThat(rows(filter(states, reasons, "a", null))).isLessThan(FEW);
    assertThat(rows(ofSource("COMPLETE-17_%.csv"))).isLessThan(FEW);
  }

  @Test
  void aSourceIsFoundByItsEndAndByNothingElse() {
    assertThat(found("COMPLETE-17_%.csv")).containsExactly("COMPLETE-17");
    assertThat(found("E-117_%.csv")).containsExactly("COMPLETE-117");
    assertThat(found("COMPLETE-17%.csv")).isEmpty();
    assertThat(found("COMPLETE-17_%")).isEmpty();
  }

  private List<String> found(String source) {
    return node.queries.page(ofSource(source), 0, 50).transfers().stream()
        .map(TransferSummary::id)
        .toList();
  }

  private static TransferFilter ofSource(String source) {
    return new TransferFilter(Set.of(), null, Set.of(), null, null, source, null, null, null);
  }

  private static TransferFilter filter(
      Set<TransferState> states, Set<FailureReason> reasons, String sink, String requestId) {
    return new TransferFilter(states, null, reasons, sink, requestId, null, null, null, null);
  }

  private long rows(TransferFilter filter) throws Exception {
    return new ExplainedStatements(database)
        .of(() -> database.change(() -> node.queries.page(filter, 0, 50))).values().stream()
            .mapToLong(Explained::rows)
            .sum();
  }

  private void fill(String state, String reason, String delivery, int count) {
    String numbers =
        (database.embedded()
                ? "(SELECT \"X\" AS n FROM system_range(1, %d)) numbers"
                : "generate_series(1, %d) AS numbers(n)")
            .formatted(count);
    run(
        """
        INSERT INTO transfer (id, source, record_number, request_sha256, request_id, received_at,
          payer, state, reason, updated_at)
        SELECT '%1$s-' || n, 'plans/%1$s-' || n || '_%%.csv', n, '', '%1$s-' || n, CURRENT_TIMESTAMP - n * INTERVAL '1' SECOND,
          'bison', '%1$s', %2$s, CURRENT_TIMESTAMP FROM %3$s"""
            .formatted(state, reason, numbers));
    run(
        """
        INSERT INTO delivery (transfer_id, sink, payer, state, updated_at)
        SELECT '%s-' || n, 'a', 'bison', '%s', CURRENT_TIMESTAMP FROM %s"""
            .formatted(state, delivery, numbers));
  }

  private void run(String sql) {
    database.jdbc().sql(sql).update();
  }
}
