package org.payerexchange.ops;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;
import org.payerexchange.ledger.Hold;
import org.payerexchange.ledger.TransferPage;

/**
 * A page of transfers.
 *
 * @param held the payers and sinks whose transfers wait
 */
public record TransferList(@JsonUnwrapped TransferPage found, List<Hold> held) {}
