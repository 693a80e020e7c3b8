package org.payerexchange.download;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The copies of files that come in pieces, between two of them: without it each piece would have
 * all read again that came before. What was dropped is read again.
 */
final class CopiesSoFar {
  /** Each holds a buffer. */
  private static final int MOST = 32;

  private final Map<Long, CheckedCopy> copies = new LinkedHashMap<>();

  synchronized void keep(long file, CheckedCopy copy) {
    copies.put(file, copy);
    if (copies.size() > MOST) {
      copies.remove(copies.keySet().iterator().next());
    }
  }

  /**
   * Takes it out.
   *
   * @param bytes how many have come
   */
  synchronized Optional<CheckedCopy> take(long file, long bytes) {
    return Optional.ofNullable(copies.remove(file)).filter(copy -> copy.bytes() == bytes);
  }
}
