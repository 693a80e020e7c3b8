package org.payerexchange.boot;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Supplier;

/** Gathers what is wrong with settings that are read one by one, so that all is told at once. */
final class Problems {
  private final Set<String> told = new LinkedHashSet<>();

  /**
   * What is read.
   *
   * @param otherwise stands for it where it is wrong, until {@link #require}
   */
  <T> T read(Supplier<T> setting, T otherwise) {
    try {
      return setting.get();
    } catch (IllegalArgumentException wrong) {
      told.add(wrong.getMessage());
      return otherwise;
    }
  }

  /**
   * Refuses all that was wrong.
   *
   * @throws IllegalArgumentException naming each key that is missing or wrong
   */
  void require() {
    if (!told.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", told));
    }
  }
}
