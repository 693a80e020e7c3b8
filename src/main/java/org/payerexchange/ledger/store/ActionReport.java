package org.payerexchange.ledger.store;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import org.payerexchange.ledger.store.OperatorAction.NotDone;

/**
 * What became of something that was to be done to many transfers.
 *
 * @param matched how many the filter let through
 * @param done to how many it was done, or would be
 * @param refused to how many it was not, and why
 */
public record ActionReport(long matched, long done, Map<NotDone, Long> refused) {

  /** Copies the map. */
  public ActionReport {
    Map<NotDone, Long> copied = new EnumMap<>(NotDone.class);
    copied.putAll(refused);
    refused = Collections.unmodifiableMap(copied);
  }
}
