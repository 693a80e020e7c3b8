package org.payerexchange.ledger;

import java.time.Instant;

/**
 * An export that was delivered whole.
 *
 * @param transactionTime the instant that it reflects, as the payer wrote it, or null
 * @param kickedOffAt when it was asked for, by the ledger's clock
 * @param askedFor the {@link AskedFor#scope()} of its kick-off, or null where that was not kept
 */
public record LastExport(String transactionTime, Instant kickedOffAt, String askedFor) {}
