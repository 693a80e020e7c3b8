package org.payerexchange.ledger;

import java.time.Duration;

/**
 * What a sink beside the outbox has not had yet.
 *
 * @param open transfers that it is to have
 * @param failing those of them whose latest try has failed
 * @param longest for how long the one that failed first has failed since, pauses apart
 */
public record SinkBacklog(long open, long failing, Duration longest) {}
