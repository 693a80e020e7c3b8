package org.payerexchange.split;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.split.NobodysLines.Reason;

/**
 * Counts the lines that go to nobody, by type and reason. Types that nobody knows are counted
 * together once there are very many: lines of files of all types may name any. Not thread-safe.
 */
final class NobodysCounts {
  private static final int MOST_TYPES = 200;

  private final Map<String, Map<Reason, Long>> counts = new TreeMap<>();

  void add(String type, Reason reason, long lines) {
    boolean tooMany = counts.size() >= MOST_TYPES && !counts.containsKey(type);
    counts
        .computeIfAbsent(tooMany ? FileKind.ALL_TYPES : type, any -> new EnumMap<>(Reason.class))
        .merge(reason, lines, Long::sum);
  }

  /** All of them, sorted by type and reason. */
  List<NobodysLines> toList() {
    return counts.entrySet().stream()
        .flatMap(
            type ->
                type.getValue().entrySet().stream()
                    .filter(reason -> reason.getValue() > 0)
                    .map(
                        reason ->
                            new NobodysLines(type.getKey(), reason.getKey(), reason.getValue())))
        .toList();
  }
}
