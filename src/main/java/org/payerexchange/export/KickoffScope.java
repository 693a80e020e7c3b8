package org.payerexchange.export;

import java.util.List;
import org.payerexchange.dialect.ExportLimits;
import org.payerexchange.ledger.AskedFor;

/**
 * What one kick-off asks for.
 *
 * @param limits what it is to be limited to
 * @param asked what the ledger keeps of it
 * @param patients the payer's Patients to export alone; empty for the whole Group
 */
public record KickoffScope(ExportLimits limits, AskedFor asked, List<String> patients) {
  /** Keeps a copy. */
  public KickoffScope {
    patients = List.copyOf(patients);
  }

  /** For a whole Group. */
  public KickoffScope(ExportLimits limits, AskedFor asked) {
    this(limits, asked, List.of());
  }

  /** The same with fewer limits. */
  KickoffScope within(ExportLimits fewer, String because) {
    return new KickoffScope(fewer, new AskedFor(asked.scope(), asked.since(), because), patients);
  }

  /** Not the Patients. */
  @Override
  public String toString() {
    return "KickoffScope[%s patients]".formatted(patients.size());
  }
}
