package org.payerexchange.intake;

import java.util.List;

/**
 * What became of one batch.
 *
 * @param transferIds of the records that were taken, new or known, in their order
 * @param duplicates how many of them were known already
 * @param rejections the others
 */
public record BatchResult(List<String> transferIds, int duplicates, List<Rejection> rejections) {}
