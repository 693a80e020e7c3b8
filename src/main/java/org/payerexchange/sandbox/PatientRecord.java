package org.payerexchange.sandbox;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * All that the payer has of one Patient.
 *
 * @param own what is the Patient's alone
 * @param shared what the own refer to, also through each other
 */
record PatientRecord(List<Entry> own, List<Entry> shared) {

  /** A resource, whose text is made when it is asked for. */
  record Entry(String type, Instant updated, Supplier<String> text) {
    String json() {
      return text.get();
    }
  }

  /** The same with more of the Patient's own. */
  PatientRecord with(Stream<Entry> more) {
    return new PatientRecord(Stream.concat(own.stream(), more).toList(), shared);
  }

  Stream<Entry> resources() {
    return Stream.concat(own.stream(), shared.stream());
  }

  /**
   * What of it is asked for.
   *
   * @param types empty: all
   */
  List<Entry> of(Set<String> types, Instant since) {
    return resources()
        .filter(entry -> types.isEmpty() || types.contains(entry.type()))
        .filter(entry -> !entry.updated().isBefore(since))
        .toList();
  }
}
