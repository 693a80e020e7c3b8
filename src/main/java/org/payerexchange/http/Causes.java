package org.payerexchange.http;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Optional;
import java.util.Set;

/** Looks through the wrappers that Camel and others put around an exception. */
public final class Causes {
  private Causes() {}

  /** The outermost exception of this type in the chain of causes. */
  public static <T extends Throwable> Optional<T> find(Throwable failure, Class<T> type) {
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Throwable t = failure; t != null && seen.add(t); t = t.getCause()) {
      if (type.isInstance(t)) {
        return Optional.of(type.cast(t));
      }
    }
    return Optional.empty();
  }

  /** Where it all began. */
  static Throwable innermost(Throwable failure) {
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Throwable last = failure;
    for (Throwable t = failure; t != null && seen.add(t); t = t.getCause()) {
      last = t;
    }
    return last;
  }
}
