package org.payerexchange.delivery;

/**
 * Resources on their way to a sink.
 *
 * @param first the first one's place in its file, from 1
 * @param last the last one's place
 * @param json a resource, or a Bundle of them; PHI
 */
record ResourceBatch(long first, long last, String json) {

  /** The places only. */
  @Override
  public String toString() {
    return "ResourceBatch[%s-%s]".formatted(first, last);
  }
}
