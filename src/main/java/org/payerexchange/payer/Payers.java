package org.payerexchange.payer;

import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/** The configured payers, by id. */
public final class Payers {
  private final Map<String, Payer> byId = new TreeMap<>();

  /**
   * Keeps the payers.
   *
   * @throws IllegalArgumentException if two have the same id
   */
  public Payers(Collection<Payer> payers) {
    for (Payer payer : payers) {
      if (byId.putIfAbsent(payer.id(), payer) != null) {
        throw new IllegalArgumentException("two payers are called '%s'".formatted(payer.id()));
      }
    }
  }

  /**
   * The payer of a transfer.
   *
   * @throws TransferException {@link FailureReason#UNKNOWN_PAYER} if it is not configured
   */
  public Payer get(String id) {
    return find(id)
        .orElseThrow(
            () ->
                new TransferException(
                    FailureReason.UNKNOWN_PAYER, "the transfer's payer is not configured"));
  }

  /** The payer with this id, if it is configured. */
  public Optional<Payer> find(String id) {
    return id == null ? Optional.empty() : Optional.ofNullable(byId.get(id));
  }

  /** All payers, in the order of their ids. */
  public Collection<Payer> all() {
    return Collections.unmodifiableCollection(byId.values());
  }
}
