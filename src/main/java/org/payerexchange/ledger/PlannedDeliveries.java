package org.payerexchange.ledger;

import java.util.List;

/** The deliveries of a locked transfer, one of whose files is being stored. */
final class PlannedDeliveries {
  /** More than a transfer has files. */
  private static final long ROUND = 1_000_000_000;

  private final LedgerDatabase database;
  private final LockedTransfer transfer;
  private final OutputFileClaim file;
  private final List<Known> known;
  private boolean anyAdded;

  private PlannedDeliveries(
      LedgerDatabase database, LockedTransfer transfer, OutputFileClaim file, List<Known> known) {
    this.database = database;
    this.transfer = transfer;
    this.file = file;
    this.known = known;
  }

  static PlannedDeliveries of(
      LedgerDatabase database, LockedTransfer transfer, OutputFileClaim file) {
    return new PlannedDeliveries(
        database, transfer, file, transfer.delivers() ? known(database, file) : List.of());
  }

  private static List<Known> known(LedgerDatabase database, OutputFileClaim file) {
    return database
        .jdbc()
        .sql("SELECT * FROM delivery WHERE transfer_id = ?")
        .param(file.transferId())
        .query(
            (results, at) -> {
              Row row = new Row(results);
              return new Known(
                  row.big("id"),
                  row.text("sink"),
                  row.constant(DeliveryState.class, "state"),
                  row.flagOrNull("whole"),
                  row.big("place"),
                  row.big("position"));
            })
        .list();
  }

  /** The file's number, or behind all others where a sink is past that. */
  long turn() {
    long place =
        known.stream().filter(each -> !each.whole()).mapToLong(Known::place).max().orElse(0);
    return file.number() >= place ? file.number() : (place / ROUND + 1) * ROUND + file.number();
  }

  /** Adds those to sinks that had nothing of the transfer yet. */
  void add(List<String> sinks, boolean whole) {
    List<String> added =
        sinks.stream()
            .filter(sink -> known.stream().noneMatch(each -> each.sink().equals(sink)))
            .sorted()
            .toList();
    if (!added.isEmpty()) {
      anyAdded = true;
      transfer.deliver();
    }
    // claims look for deliveries by the gates of their sinks
    database.batch(
        "INSERT INTO sink_gate (sink) VALUES (?) ON CONFLICT DO NOTHING",
        added.stream().map(sink -> new Object[] {sink}).toList());
    database.batch(
        """
        INSERT INTO delivery (transfer_id, payer, sink, whole, state, updated_at)
        VALUES (?, ?, ?, ?, 'PENDING', CURRENT_TIMESTAMP)""",
        added.stream()
            .map(sink -> new Object[] {file.transferId(), file.payer(), sink, whole})
            .toList());
  }

  /**
   * Takes those back that were done, or are at the file or behind it: who still works on one is too
   * late.
   *
   * @param anew whether the file is to be delivered again; else sinks that sum up do that alone
   * @param turn of the file, or null if nobody is to have it
   * @param wholeTurn the same at sinks that begin once all files are there
   */
  void reopen(boolean anew, Long turn, Long wholeTurn) {
    List<Object[]> reopened =
        known.stream()
            .filter(each -> (each.whole() ? wholeTurn : turn) != null)
            .filter(each -> anew || (each.whole() && each.state() == DeliveryState.DONE))
            .flatMap(each -> each.reopened(anew, each.whole() ? wholeTurn : turn).stream())
            .toList();
    database.batch(
        """
        UPDATE delivery SET state = ?, place = ?, position = ?, updated_at = CURRENT_TIMESTAMP
        WHERE id = ?""",
        reopened);
    Steps steps = new Steps(database);
    steps.dropDeliveries(
        file.transferId(),
        reopened.stream().map(values -> (Long) values[values.length - 1]).toList());
    if (anyAdded || !reopened.isEmpty()) {
      steps.addDeliveries(file.transferId());
    }
  }

  private record Known(
      long id, String sink, DeliveryState state, boolean whole, long place, long position) {

    List<Object[]> reopened(boolean anew, long turn) {
      boolean done = state == DeliveryState.DONE;
      boolean back = anew && (place > turn || (place == turn && position > 0));
      DeliveryState again = done ? state.to(DeliveryState.PENDING) : state;
      return done || back
          ? List.<Object[]>of(
              new Object[] {again.name(), back ? turn : place, back ? 0 : position, id})
          : List.of();
    }
  }
}
