package org.payerexchange.step;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Looks through the wrappers that Camel and others put around an exception. */
public final class Causes {
  private Causes() {}

  /** The exception and its causes, the outermost first; one that is its own cause comes once. */
  public static List<Throwable> chain(Throwable failure) {
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    return Stream.iterate(failure, t -> t != null && seen.add(t), Throwable::getCause).toList();
  }

  /** The outermost exception of this type in the chain of causes. */
  public static <T extends Throwable> Optional<T> find(Throwable failure, Class<T> type) {
    return chain(failure).stream().filter(type::isInstance).findFirst().map(type::cast);
  }

  /** Where it all began. */
  public static Throwable innermost(Throwable failure) {
    List<Throwable> chain = chain(failure);
    return chain.get(chain.size() - 1);
  }
}
