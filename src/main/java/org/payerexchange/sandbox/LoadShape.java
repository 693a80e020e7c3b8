package org.payerexchange.sandbox;

/**
 * What the export of a load member holds.
 *
 * @param files how many files
 * @param bytesPerFile about how large each is, in bytes; at least one resource is in each
 */
public record LoadShape(int files, long bytesPerFile) {}
