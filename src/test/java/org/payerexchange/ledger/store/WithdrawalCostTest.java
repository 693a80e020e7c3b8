package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.payerexchange.ledger.IntakeEntry;
import org.payerexchange.ledger.store.ExplainedStatements.Explained;
import org.payerexchange.ledger.store.WithdrawalLedger.Withdrawn;

/** What a withdrawal reads depends on what goes on, not on all that was ever asked. */
class WithdrawalCostTest extends LedgerTest {
  private static final int ENDED = 20_000;

  @Test
  void aWithdrawalReadsWhatGoesOnOfItsMember() throws Exception {
    insertEnded();
    node.transfers.register(List.of(request("REQ-1", "m:1"), request("REQ-2", "m:2")));
    database.jdbc().sql("ANALYZE").update();
    // the key of the hashes is asked for once
    node.withdrawals.withdraw("bison", Set.of("m:0"), null, "alice");
    ExplainedStatements explained = new ExplainedStatements(database);

    Map<String, Explained> statements =
        explained.of(
            () ->
                assertThat(
                        node.withdrawals.withdraw("bison", Set.of("m:1", "v:1"), null, "a").done())
                    .isEqualTo(new Withdrawn(1, 0)));

    assertThat(statements.keySet()).anyMatch(sql -> sql.contains("member_ids"));
    assertThat(statements)
        .allSatisfy((sql, how) -> assertThat(how.rows()).as(sql + how.plan()).isLessThan(100));
  }

  private void insertEnded() {
    database
        .jdbc()
        .sql(
            """
            INSERT INTO transfer (id, payer, state, source, record_number, request_sha256,
              received_at, updated_at, member_ids)
            SELECT 'id-' || CAST(numbers.n AS VARCHAR), 'bison', 'COMPLETE', 'inbox', 1, 'sha',
              CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, 'm-' || CAST(numbers.n AS VARCHAR) || ' v-1'
            FROM %s"""
                .formatted(
                    kind == TestDatabase.H2
                        ? "(SELECT \"X\" AS n FROM system_range(1, ?)) numbers"
                        : "generate_series(1, ?) AS numbers(n)"))
        .param(ENDED)
        .update();
  }

  private static IntakeEntry request(String requestId, String... ids) {
    return new IntakeEntry.Accepted(
        "inbox/a.csv",
        1,
        requestId,
        "bison",
        requestId,
        "{\"resourceType\":\"Parameters\"}",
        LocalDate.parse("2026-01-01"),
        Node.CONSENT_END,
        "regular",
        null,
        Set.of(ids),
        null);
  }
}
