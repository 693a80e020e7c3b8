package org.payerexchange.sandbox;

/**
 * What the export of a load member holds.
 *
 * @param files how many files
 * @param bytesPerFile about how large each is, in bytes; at least one resource is in each
 * @param filesOfFirst how many files the export of load member 0 holds instead
 */
public record LoadShape(int files, long bytesPerFile, int filesOfFirst) {

  /** The same for all. */
  public LoadShape(int files, long bytesPerFile) {
    this(files, bytesPerFile, files);
  }
}
