package org.payerexchange.ledger;

import org.payerexchange.dialect.Dialect;

/** What an open transfer waits for at its payer, where that is not the same in each dialect. */
public enum Begun {
  /** To be asked for alone. */
  ALONE("to be asked for alone"),
  /** To be asked for with the other members of its batch. */
  IN_BATCH("to be asked for in batches"),
  /** An export that is asked for together with other members of its batch. */
  SHARED("for exports that members share"),
  /** The data of the payer's Patient. */
  OF_PATIENT("for the data of one Patient");

  private final String words;

  Begun(String words) {
    this.words = words;
  }

  /** What comes behind "waits". */
  public String words() {
    return words;
  }

  /** Whether a payer of this dialect can be asked so. */
  public boolean isOf(Dialect dialect) {
    return switch (this) {
      case ALONE -> dialect.singleMatch().isPresent();
      case IN_BATCH, SHARED -> dialect.bulkMatch().isPresent();
      case OF_PATIENT -> dialect.patientData().isPresent();
    };
  }

  /** Whether it is asked for in the other way where it cannot be asked so; else it fails. */
  public boolean isAskedOtherwise() {
    return this == ALONE || this == IN_BATCH;
  }
}
