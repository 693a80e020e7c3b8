package org.payerexchange.ledger.store;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.stream.Collectors;
import org.payerexchange.ledger.Row;

/**
 * Who may not be asked for any more, by keyed hashes: members and coverages, until there is a
 * consent that begins on the day of the withdrawal or later and is none of those that were
 * withdrawn with them.
 */
final class Withdrawals {
  private static final String NAME = "withdrawals";
  private static final int HASHES_A_QUERY = 1000;

  private final LedgerDatabase database;

  Withdrawals(LedgerDatabase database) {
    this.database = database;
  }

  /**
   * A request that is about to be registered.
   *
   * @param memberIds hashes of its ids
   * @param consentStart the first day of its consent, or null where that is not known
   */
  record Asking(String id, String payer, Set<String> memberIds, LocalDate consentStart) {}

  /** Which of them may not be; none is withdrawn until the caller's change has ended. */
  Set<String> among(List<Asking> requests) {
    database.together(NAME);
    Map<String, LocalDate> withdrawn =
        days(requests.stream().flatMap(each -> each.memberIds().stream()).distinct().toList());
    return requests.stream()
        .filter(each -> refuses(withdrawn, each))
        .map(Asking::id)
        .collect(Collectors.toSet());
  }

  /** Which of them were withdrawn. */
  Set<String> known(Collection<String> hashes) {
    return days(List.copyOf(hashes)).keySet();
  }

  private Map<String, LocalDate> days(List<String> hashes) {
    Map<String, LocalDate> withdrawn = new HashMap<>();
    for (int from = 0; from < hashes.size(); from += HASHES_A_QUERY) {
      database
          .jdbc()
          .sql("SELECT id_hash, withdrawn_on FROM withdrawal WHERE id_hash IN (:hashes)")
          .param("hashes", hashes.subList(from, Math.min(from + HASHES_A_QUERY, hashes.size())))
          .query(
              results -> {
                Row row = new Row(results);
                withdrawn.put(row.text("id_hash"), row.date("withdrawn_on"));
              });
    }
    return withdrawn;
  }

  /** One id may be that of many members' consents: by itself it refuses nobody. */
  private static boolean refuses(Map<String, LocalDate> withdrawn, Asking request) {
    boolean consentIs =
        request.memberIds().stream()
            .anyMatch(hash -> hash.startsWith(IdHashes.CONSENT) && withdrawn.containsKey(hash));
    LocalDate start = request.consentStart();
    return request.memberIds().stream()
        .filter(hash -> !hash.startsWith(IdHashes.CONSENT) && withdrawn.containsKey(hash))
        .anyMatch(hash -> consentIs || start == null || start.isBefore(withdrawn.get(hash)));
  }

  /**
   * Remembers what may not be asked any more; the caller's change ends after all that is being
   * registered.
   *
   * @param hashes of members, coverages and consents
   */
  void remember(String payer, SortedSet<String> hashes, String by, Instant now) {
    LocalDate day = LocalDate.ofInstant(now, ZoneOffset.UTC);
    database.batch(
        """
        INSERT INTO withdrawal (payer, id_hash, withdrawn_on, withdrawn_by, at)
        VALUES (?, ?, ?, ?, CURRENT_TIMESTAMP) ON CONFLICT DO NOTHING""",
        hashes.stream().map(hash -> new Object[] {payer, hash, day, by}).toList());
    database.batch(
        """
        UPDATE withdrawal SET withdrawn_on = ?, withdrawn_by = ?, at = CURRENT_TIMESTAMP
        WHERE payer = ? AND id_hash = ? AND withdrawn_on < ?""",
        hashes.stream().map(hash -> new Object[] {day, by, payer, hash, day}).toList());
  }

  /** Nothing is registered until the caller's change has ended. */
  void alone() {
    database.oneByOne(NAME);
  }
}
