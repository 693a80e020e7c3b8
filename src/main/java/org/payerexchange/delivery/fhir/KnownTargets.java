package org.payerexchange.delivery.fhir;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Whether the FHIR server has what a transfer refers to: as it said, or has taken it. Keeps the
 * latest answers; for what it has forgotten the server is asked again. Safe for any number of
 * threads.
 */
final class KnownTargets {
  private static final int MOST = 20_000;

  private final Map<String, Boolean> answers =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
          return size() > MOST;
        }
      };

  /** Whether it exists at the server; empty if that is not known. */
  synchronized Optional<Boolean> exists(String url) {
    return Optional.ofNullable(answers.get(url));
  }

  synchronized void learn(String url, boolean exists) {
    answers.put(url, exists);
  }
}
