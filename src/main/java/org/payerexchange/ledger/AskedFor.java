package org.payerexchange.ledger;

import java.time.Instant;

/**
 * What an export is limited to.
 *
 * @param scope the limits as their text, to be compared with those of a later export
 * @param since from when on it asks; null for all
 * @param allBecause why it asks for all where it could have asked for less, a warning of the
 *     export; null if it does not
 */
public record AskedFor(String scope, Instant since, String allBecause) {
  /** No limits. */
  public static final AskedFor ALL = new AskedFor("", null, null);
}
