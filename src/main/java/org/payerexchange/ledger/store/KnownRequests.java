package org.payerexchange.ledger.store;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.payerexchange.ledger.Row;

/** The requests of a payer by which members are known. */
final class KnownRequests {
  /** H2 has no index for an IN here. */
  private static final String ASKING =
      """
      (VALUES ('RECEIVED'), ('MATCHED'), ('FAILED'), ('NO_MATCH')) AS asking (state)
      JOIN transfer ON transfer.state = asking.state
      WHERE payer = ? AND withdrawn_at IS NULL AND\s""";

  private static final String REPEATING = "recurrence WHERE payer = ? AND state = 'ACTIVE' AND ";
  private static final List<String> EVER =
      List.of("transfer WHERE payer = ? AND ", "recurrence WHERE payer = ? AND ");

  private final LedgerDatabase database;

  KnownRequests(LedgerDatabase database) {
    this.database = database;
  }

  /** The transfers that may still ask for something, be it by a retry. */
  List<KnownRequest> asking(String payer, Set<String> hashes) {
    return having(List.of(ASKING), payer, hashes);
  }

  /** These, and what would be asked again. */
  List<KnownRequest> goingOn(String payer, Set<String> hashes) {
    return having(List.of(ASKING, REPEATING), payer, hashes);
  }

  /** All that are known, which H2 has no index for; what repeats outlives its transfers. */
  List<KnownRequest> having(String payer, Set<String> hashes) {
    return having(EVER, payer, hashes);
  }

  /** All that the sender called so. */
  List<KnownRequest> called(String payer, String requestId) {
    return EVER.stream().flatMap(in -> rows(in + "request_id = ?", payer, requestId)).toList();
  }

  private List<KnownRequest> having(List<String> where, String payer, Set<String> hashes) {
    Map<String, KnownRequest> found = new LinkedHashMap<>();
    for (String hash : hashes) {
      for (String in : where) {
        rows(in + IdHashes.has(database), payer, hash)
            .forEach(request -> found.put(request.id(), request));
      }
    }
    return List.copyOf(found.values());
  }

  private Stream<KnownRequest> rows(String where, String payer, String value) {
    boolean repeats = where.startsWith("recurrence");
    String recurrence = repeats ? "NULL" : "recurrence_id";
    return database
        .jdbc()
        .sql(
            "SELECT id, %s AS recurrence, member_ids FROM %s AND member_ids <> ''"
                .formatted(recurrence, where))
        .params(payer, value)
        .query(
            (results, at) -> {
              Row row = new Row(results);
              return new KnownRequest(
                  row.text("id"),
                  repeats,
                  row.text("recurrence"),
                  Set.of(row.text("member_ids").split(" ", -1)));
            })
        .list()
        .stream();
  }
}
