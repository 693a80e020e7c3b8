package org.payerexchange.ledger.store;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A request by which a member is known.
 *
 * @param id of a transfer, or of what repeats
 * @param repeats whether it is what repeats
 * @param recurrence what repeats it, or null
 * @param hashes of its ids, and of its member's name and birth date
 */
record KnownRequest(String id, boolean repeats, String recurrence, Set<String> hashes) {

  /** By which its member is known: by coverages, which families share, only without an id. */
  Set<String> own() {
    Set<String> members = of(IdHashes.MEMBER);
    return members.isEmpty() ? of(IdHashes.COVERAGE) : members;
  }

  /** What tells members apart that share an id; empty where an older version took it in. */
  Set<String> names() {
    return of(IdHashes.NAME);
  }

  Set<String> consents() {
    return of(IdHashes.CONSENT);
  }

  boolean hasOneOf(Set<String> some) {
    return some.stream().anyMatch(hashes::contains);
  }

  /** What is kept of its member, so that nobody else who has the same id is meant by it. */
  Stream<String> kept() {
    Set<String> names = names();
    return names.isEmpty()
        ? own().stream()
        : own().stream().flatMap(id -> names.stream().map(name -> IdHashes.together(id, name)));
  }

  private Set<String> of(String kind) {
    return hashes.stream().filter(hash -> hash.startsWith(kind)).collect(Collectors.toSet());
  }
}
