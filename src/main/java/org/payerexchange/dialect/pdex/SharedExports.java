package org.payerexchange.dialect.pdex;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.payerexchange.dialect.BulkMatch.Export;
import org.payerexchange.dialect.BulkMatch.Matched;

/**
 * The exports that matched members of one Group share. Only their like do: what changed since a
 * mark says nothing of a member who has none (FHIR Bulk Data Access 2, {@code _since}), and a
 * member who has one need not be sent whole again.
 */
final class SharedExports {
  private SharedExports() {}

  /**
   * The exports of one Group: those without a mark share one for all time, the others one from the
   * oldest mark on.
   *
   * @param matched its members who are to be exported
   * @param entries how many entries the Group has, others among them
   * @param takesPatient whether the payer exports single members out of a Group; one that does not
   *     gets one export, from a mark on only if everybody has one
   * @return at most two, none for nobody
   */
  static List<Export> of(String groupId, List<Matched> matched, int entries, boolean takesPatient) {
    if (matched.isEmpty()) {
      return List.of();
    }
    if (!takesPatient) {
      boolean allMarked = matched.stream().allMatch(member -> member.mark().isPresent());
      return List.of(
          new Export(groupId, matched, allMarked ? oldest(matched) : Optional.empty(), false));
    }
    Map<Boolean, List<Matched>> marked =
        matched.stream().collect(Collectors.partitioningBy(member -> member.mark().isPresent()));
    List<Matched> fresh = marked.get(false);
    List<Matched> known = marked.get(true);
    List<Export> exports = new ArrayList<>();
    if (!fresh.isEmpty()) {
      exports.add(new Export(groupId, fresh, Optional.empty(), fresh.size() < entries));
    }
    if (!known.isEmpty()) {
      exports.add(new Export(groupId, known, oldest(known), true));
    }
    return exports;
  }

  private static Optional<Instant> oldest(List<Matched> members) {
    return members.stream().flatMap(member -> member.mark().stream()).min(Instant::compareTo);
  }
}
