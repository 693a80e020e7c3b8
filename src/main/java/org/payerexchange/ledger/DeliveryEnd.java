package org.payerexchange.ledger;

/**
 * What else came to its end with a delivery.
 *
 * @param file whether all sinks have the file now
 * @param job whether the export job ended with it, and is to be released, and perhaps the transfer
 */
public record DeliveryEnd(boolean file, boolean job) {}
