package org.payerexchange.ledger;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** The ledger as operators see it. */
@SuppressWarnings("DoNotCallSuggester")
public final class TransferQueries {

  /** Reads this database. */
  public TransferQueries(LedgerDatabase database) {}

  /** A page of the transfers that the filter lets through, the latest first. */
  public TransferPage page(TransferFilter filter) {
    throw new UnsupportedOperationException();
  }

  /** One transfer with its jobs, files, deliveries and events. */
  public Optional<TransferDetails> find(String transferId) {
    throw new UnsupportedOperationException();
  }

  /** How many transfers each payer has in each state; rejected records under {@code ""}. */
  public Map<String, Map<TransferState, Long>> counts() {
    throw new UnsupportedOperationException();
  }

  /** How long the oldest due row of each stage has waited; stages with nothing due are absent. */
  public Map<Stage, Duration> oldestDue() {
    throw new UnsupportedOperationException();
  }
}
