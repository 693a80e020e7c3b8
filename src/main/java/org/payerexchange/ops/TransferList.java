package org.payerexchange.ops;

import java.util.List;

/**
 * A page of transfers, the latest first.
 *
 * @param page from 0
 * @param total how many transfers the filter lets through
 * @param held the payers and sinks whose transfers wait
 */
public record TransferList(
    List<TransferLine> transfers, int page, long total, List<HeldLine> held) {}
