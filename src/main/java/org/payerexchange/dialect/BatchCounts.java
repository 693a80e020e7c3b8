package org.payerexchange.dialect;

/**
 * How far a gateway is with a job, in batches of resources.
 *
 * @param running batches at work
 * @param complete batches that are ready
 * @param failed batches that will not come
 * @param total all of them
 */
public record BatchCounts(long running, long complete, long failed, long total) {
  /** Whether there are some that are still to come. */
  public boolean isOpen() {
    return running > 0 || complete + failed < total;
  }

  /** For the operator. */
  @Override
  public String toString() {
    return "%s of %s batches complete, %s running, %s failed"
        .formatted(complete, total, running, failed);
  }
}
