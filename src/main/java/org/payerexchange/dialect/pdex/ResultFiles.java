package org.payerexchange.dialect.pdex;

import java.util.List;
import java.util.function.Function;

/**
 * Which files of a match job's manifest hold its result: those of type Group, else those of type
 * Parameters (PDex 2.2 prefers the former where both are there, 2.1 has the latter alone). They are
 * asked for without a wish for their type: some servers wrap them where one is told.
 */
final class ResultFiles {
  private ResultFiles() {}

  /**
   * The files to read.
   *
   * @param output the manifest's output, in its order
   * @param type what the manifest calls the type of a file
   * @return none if the manifest has none of either
   */
  static <F> List<F> of(List<F> output, Function<F, String> type) {
    List<F> groups = output.stream().filter(file -> "Group".equals(type.apply(file))).toList();
    return groups.isEmpty()
        ? output.stream().filter(file -> "Parameters".equals(type.apply(file))).toList()
        : groups;
  }
}
