package org.payerexchange.export;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/**
 * How far the 1upHealth gateway is with a job, in batches of resources.
 *
 * @param running batches at work
 * @param complete batches that are ready
 * @param failed batches that will not come
 * @param total all of them
 */
public record BatchCounts(long running, long complete, long failed, long total) {
  static Optional<BatchCounts> of(JsonNode batches) {
    return batches.isObject()
        ? Optional.of(
            new BatchCounts(
                batches.path("running").asLong(),
                batches.path("complete").asLong(),
                batches.path("failed").asLong(),
                batches.path("total").asLong()))
        : Optional.empty();
  }

  /** Whether there are some that are still to come. */
  boolean isOpen() {
    return running > 0 || complete + failed < total;
  }
}
