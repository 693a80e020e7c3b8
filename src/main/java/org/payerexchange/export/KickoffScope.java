package org.payerexchange.export;

import org.payerexchange.ledger.AskedFor;

/**
 * What one kick-off asks for.
 *
 * @param query its query, from its question mark; empty if nothing is limited
 * @param asked what the ledger keeps of it
 */
public record KickoffScope(String query, AskedFor asked) {}
