package org.payerexchange.ops;

/**
 * The answer to something done.
 *
 * @param transfers how many transfers it was done to
 */
public record Done(int transfers) {}
