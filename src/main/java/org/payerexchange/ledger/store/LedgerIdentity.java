package org.payerexchange.ledger.store;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The id by which a ledger's nodes know that they share more than the ledger: it marks their
 * folders.
 */
public final class LedgerIdentity {
  private static final int BATCH = 500;

  private final LedgerDatabase database;
  private volatile String id;

  /** Of this database. */
  public LedgerIdentity(LedgerDatabase database) {
    this.database = database;
  }

  /** Whether more than one node may work on this ledger. */
  public boolean isShared() {
    return !database.embedded();
  }

  /** The ledger's id, a UUID; given when it is first asked for, and the same ever after. */
  public String id() {
    if (id == null) {
      id = database.change(() -> known().orElseGet(this::give));
    }
    return id;
  }

  /**
   * Whether an embedded ledger has no id yet, and has been used all the same, by a version that
   * gave it none.
   */
  public boolean isOfBefore() {
    return id == null
        && known().isEmpty()
        && (database.finds("SELECT 1 FROM transfer FETCH FIRST ROW ONLY")
            || database.finds(
                """
                SELECT 1 FROM information_schema.columns
                WHERE table_schema = CURRENT_SCHEMA AND table_name = 'step' AND is_identity = 'YES'
                  AND identity_base > 1"""));
  }

  /** Whether one of these is a transfer of this ledger. */
  public boolean knowsAny(List<String> transferIds) {
    for (int from = 0; from < transferIds.size(); from += BATCH) {
      List<String> ids = transferIds.subList(from, Math.min(from + BATCH, transferIds.size()));
      if (database.finds(
          "SELECT 1 FROM transfer WHERE id IN (%s) FETCH FIRST ROW ONLY"
              .formatted(LedgerDatabase.values(ids.size())),
          ids.toArray())) {
        return true;
      }
    }
    return false;
  }

  private String give() {
    database.update(
        "INSERT INTO ledger_identity (only_row, id) VALUES (1, ?) ON CONFLICT DO NOTHING",
        UUID.randomUUID().toString());
    return known().orElseThrow();
  }

  private Optional<String> known() {
    return database.jdbc().sql("SELECT id FROM ledger_identity").query(String.class).optional();
  }

  /**
   * Has a folder marked, by one node and once for all; nothing happens where that was done before.
   *
   * @param name of the folder, the same on all nodes
   * @param mark puts the mark there; what it throws undoes that it was done
   */
  public void markOnce(String name, Runnable mark) {
    database.change(
        () -> {
          int first =
              database.update(
                  """
                      INSERT INTO ledger_folder (name, marked_at)
                      VALUES (?, CURRENT_TIMESTAMP) ON CONFLICT DO NOTHING""",
                  name);
          if (first == 1) {
            mark.run();
          }
          return first;
        });
  }
}
