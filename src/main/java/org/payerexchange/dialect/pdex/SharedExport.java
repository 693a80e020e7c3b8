package org.payerexchange.dialect.pdex;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * An export that several matched members of one Group share. Only their like do: what changed since
 * a mark says nothing of a member who has none (FHIR Bulk Data Access 2, {@code _since}), and a
 * member who has one need not be sent whole again.
 *
 * @param members who is served by it
 * @param since from when on it asks; empty for all
 * @param named whether it asks for these members alone, by {@code patient}, or for the whole Group
 */
record SharedExport(List<Member> members, Optional<Instant> since, boolean named) {
  /**
   * A matched member.
   *
   * @param transfer whose it is
   * @param patientId the payer's Patient
   * @param mark when the last whole export of this Patient was made; empty if none was
   */
  record Member(String transfer, String patientId, Optional<Instant> mark) {
    /** Not the Patient. */
    @Override
    public String toString() {
      return "Member[%s]".formatted(transfer);
    }
  }

  /** Keeps a copy. */
  SharedExport {
    members = List.copyOf(members);
  }

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
  static List<SharedExport> of(List<Member> matched, int entries, boolean takesPatient) {
    if (matched.isEmpty()) {
      return List.of();
    }
    if (!takesPatient) {
      boolean allMarked = matched.stream().allMatch(member -> member.mark().isPresent());
      return List.of(
          new SharedExport(matched, allMarked ? oldest(matched) : Optional.empty(), false));
    }
    Map<Boolean, List<Member>> marked =
        matched.stream().collect(Collectors.partitioningBy(member -> member.mark().isPresent()));
    List<Member> fresh = marked.get(false);
    List<Member> known = marked.get(true);
    List<SharedExport> exports = new ArrayList<>();
    if (!fresh.isEmpty()) {
      exports.add(new SharedExport(fresh, Optional.empty(), fresh.size() < entries));
    }
    if (!known.isEmpty()) {
      exports.add(new SharedExport(known, oldest(known), true));
    }
    return exports;
  }

  private static Optional<Instant> oldest(List<Member> members) {
    return members.stream().flatMap(member -> member.mark().stream()).min(Instant::compareTo);
  }
}
