package org.payerexchange.dialect.pdex;

import java.util.List;
import java.util.stream.IntStream;

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
   * @param types what the manifest calls the types of its output files, null where it does not
   * @return their places in that list; none if the manifest has none of either
   */
  static List<Integer> of(List<String> types) {
    List<Integer> groups = places(types, "Group");
    return groups.isEmpty() ? places(types, "Parameters") : groups;
  }

  private static List<Integer> places(List<String> types, String type) {
    return IntStream.range(0, types.size())
        .filter(place -> type.equals(types.get(place)))
        .boxed()
        .toList();
  }
}
