package org.payerexchange.ledger.store;

import java.util.function.Supplier;

/** {@link LostEnds} of what is no step: files or messages. */
public final class ItemEnds {
  private final LedgerDatabase database;
  private final LostEnds ends;
  private final String kind;

  /**
   * Of one kind.
   *
   * @param kind {@code file} or {@code message}
   */
  public ItemEnds(LedgerDatabase database, String kind) {
    this.database = database;
    this.ends = new LostEnds(database);
    this.kind = kind;
  }

  /** Counts one more, and answers how many there are. */
  public int count(String item) {
    return database.change(() -> ends.count(kind, item));
  }

  /** How many there are. */
  public int of(String item) {
    return ends.of(kind, item);
  }

  /** Notes that this node has it, and nothing else, in its hands now. */
  public void alone(String item) {
    change(() -> ends.alone(kind, item));
  }

  /** Forgets it: the process lives. */
  public void forget(String item) {
    change(() -> ends.forget(kind, item));
  }

  private void change(Runnable work) {
    Supplier<Boolean> change =
        () -> {
          work.run();
          return true;
        };
    database.change(change);
  }
}
