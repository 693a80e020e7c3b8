package org.payerexchange.ledger;

/**
 * How far an export is, for people.
 *
 * @param text the share in the payer's {@code X-Progress}, a sentence from its {@code batches}, or
 *     null where it says nothing
 */
public record Progress(String text) {}
