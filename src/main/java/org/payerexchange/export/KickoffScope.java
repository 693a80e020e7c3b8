package org.payerexchange.export;

import org.payerexchange.dialect.ExportLimits;
import org.payerexchange.ledger.AskedFor;

/**
 * What one kick-off asks for.
 *
 * @param limits what it is to be limited to
 * @param asked what the ledger keeps of it
 */
public record KickoffScope(ExportLimits limits, AskedFor asked) {}
