package org.payerexchange.ledger;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Members who withdraw their consent: what is open of them at the payer ends, and nothing is asked
 * of it any more until there is a newer consent. What was delivered stays.
 */
public final class WithdrawalLedger {
  /** Those that may still ask for something, be it by a retry. */
  private static final String ASKING =
      "payer = ? AND state IN ('RECEIVED', 'MATCHED', 'FAILED', 'NO_MATCH')";

  private final LedgerDatabase database;
  private final OperatorLedger operator;
  private final Withdrawals withdrawals;
  private final Recurrences recurrences;
  private final IdHashes hashes;
  private final Clock clock;

  /** Ends transfers with this. */
  public WithdrawalLedger(LedgerDatabase database, OperatorLedger operator, Clock clock) {
    this.database = database;
    this.operator = operator;
    this.clock = clock;
    this.withdrawals = new Withdrawals(database);
    this.recurrences = new Recurrences(database);
    this.hashes = new IdHashes(database);
  }

  /**
   * What a withdrawal ended.
   *
   * @param transfers open ones that were given up, and failed ones that are not retried any more
   * @param recurrences requests that are not asked again
   */
  public record Withdrawn(int transfers, int recurrences) {}

  /**
   * Withdraws. What was done before is done again without harm.
   *
   * @param ids of the member, its coverage or its consent, as {@link IntakeEntry.Accepted#ids} has
   *     them
   * @param requestId the sender's, of a transfer whose member is meant; or null
   * @param by who says so, for the audit trail: without PHI
   * @return empty where the request is not known, and nothing else tells the member
   */
  public Optional<Withdrawn> withdraw(String payer, Set<String> ids, String requestId, String by) {
    SortedSet<String> given = new TreeSet<>(hashes.of(payer, ids));
    Instant now = clock.instant();
    SortedSet<String> all = new TreeSet<>();
    int ended =
        database.change(
            () -> {
              withdrawals.alone();
              all.clear();
              all.addAll(given);
              if (requestId != null) {
                addIds(all, "payer = ? AND request_id = ?", List.of(payer, requestId));
              }
              if (all.isEmpty()) {
                return 0;
              }
              // whoever withdraws does so with each consent that was given until now
              for (String hash : List.copyOf(all)) {
                addIds(all, ASKING + " AND member_ids LIKE ?", List.of(payer, like(hash)));
              }
              withdrawals.remember(payer, all, by, now);
              return recurrences.withdraw(payer, all, by, now);
            });
    if (all.isEmpty()) {
      return Optional.empty();
    }
    int transfers = 0;
    for (String transfer : asking(payer, all)) {
      transfers += operator.withdraw(transfer, by) ? 1 : 0;
    }
    return Optional.of(new Withdrawn(transfers, ended));
  }

  /** Coverages are left out: they are a family's. */
  private void addIds(Set<String> all, String where, List<Object> values) {
    database
        .jdbc()
        .sql("SELECT member_ids FROM transfer WHERE member_ids IS NOT NULL AND " + where)
        .params(values)
        .query(String.class)
        .list()
        .forEach(
            row -> {
              for (String hash : row.split(" ", -1)) {
                if (!hash.startsWith(IdHashes.COVERAGE)) {
                  all.add(hash);
                }
              }
            });
  }

  private Set<String> asking(String payer, Set<String> all) {
    Set<String> found = new TreeSet<>();
    for (String hash : all) {
      found.addAll(
          database
              .jdbc()
              .sql("SELECT id FROM transfer WHERE %s AND member_ids LIKE ?".formatted(ASKING))
              .params(new ArrayList<>(List.of(payer, like(hash))))
              .query(String.class)
              .list());
    }
    return found;
  }

  private static String like(String hash) {
    return "%" + hash + "%";
  }
}
