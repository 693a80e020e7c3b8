package org.payerexchange.demo;

import org.payerexchange.ledger.TransferState;

/**
 * What came of a sample.
 *
 * @param actual its state in the ledger, or null where it never got there
 * @param files delivered for it
 * @param resources in those files
 * @param bytes of those files
 * @param problem why this is not what was expected, or null
 */
record DemoResult(
    DemoSample sample,
    TransferState actual,
    int files,
    long resources,
    long bytes,
    String problem) {

  boolean isExpected() {
    return problem == null;
  }
}
