package org.payerexchange.ledger.store;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.payerexchange.ledger.store.WithdrawalLedger.NotDone;

/** Finds whose requests a withdrawal means; within its change. */
final class WhoWithdraws {
  private final KnownRequests requests;
  private final String payer;
  private final Set<String> members;
  private final Set<String> coverages;
  private final Set<String> consents;
  private final Set<String> weak;
  private final String requestId;

  /**
   * Who is meant by these.
   *
   * @param given hashes of ids
   * @param weak of what is a member's only if a request is known by it
   * @param requestId or null
   */
  WhoWithdraws(
      KnownRequests requests, String payer, Set<String> given, Set<String> weak, String requestId) {
    this.requests = requests;
    this.payer = payer;
    this.members = of(given, IdHashes.MEMBER);
    this.coverages = of(given, IdHashes.COVERAGE);
    this.consents = of(given, IdHashes.CONSENT);
    this.weak = weak;
    this.requestId = requestId;
  }

  private static Set<String> of(Set<String> given, String kind) {
    return given.stream().filter(hash -> hash.startsWith(kind)).collect(Collectors.toSet());
  }

  Set<String> consents() {
    return consents;
  }

  /**
   * Who is meant.
   *
   * @param why null, or why it is nobody
   * @param links hashes by which the requests were found
   * @param kept by which the member is remembered
   * @param known the member's requests, as far as they were looked for
   * @param open those of them that go on
   */
  record Found(
      NotDone why,
      Set<String> links,
      Set<String> kept,
      Collection<KnownRequest> known,
      List<KnownRequest> open) {
    static Found nobody(NotDone why) {
      return new Found(why, Set.of(), Set.of(), List.of(), List.of());
    }
  }

  Found find() {
    if (members.isEmpty() && consents.isEmpty() && weak.isEmpty() && requestId == null) {
      List<KnownRequest> open = requests.goingOn(payer, coverages);
      return coverages.isEmpty()
          ? Found.nobody(NotDone.UNKNOWN)
          : new Found(null, coverages, coverages, open, open);
    }
    boolean byConsent = members.isEmpty() && requestId == null;
    List<KnownRequest> named = byConsent ? consenting() : called();
    Set<String> links = new HashSet<>(members);
    named.forEach(request -> links.addAll(request.own()));
    if (links.isEmpty()) {
      return Found.nobody(NotDone.UNKNOWN);
    }
    if (byConsent ? isOff(named, coverages) : isOff(named, members)) {
      return Found.nobody(NotDone.ANOTHERS);
    }
    return one(links, named);
  }

  private List<KnownRequest> called() {
    return requestId == null ? List.of() : requests.called(payer, requestId);
  }

  /** By a consent alone, or beside a coverage. */
  private List<KnownRequest> consenting() {
    List<KnownRequest> all = requests.having(payer, consents.isEmpty() ? weak : consents);
    List<KnownRequest> covered = all.stream().filter(each -> each.hasOneOf(coverages)).toList();
    return covered.isEmpty() ? all : covered;
  }

  /** Whether they have ids of this kind, and none of these. */
  private static boolean isOff(List<KnownRequest> named, Set<String> given) {
    return !given.isEmpty()
        && !named.isEmpty()
        && named.stream()
            .allMatch(
                request ->
                    !of(request.hashes(), given.iterator().next().substring(0, 1)).isEmpty()
                        && !request.hasOneOf(given));
  }

  private Found one(Set<String> links, List<KnownRequest> named) {
    List<KnownRequest> open = requests.goingOn(payer, links);
    List<KnownRequest> anchors = new ArrayList<>(named);
    if (anchors.isEmpty() && open.stream().noneMatch(each -> each.hasOneOf(consents))) {
      // who withdrew before, and has nothing left that goes on
      requests.having(payer, consents).stream()
          .filter(each -> each.hasOneOf(links))
          .forEach(anchors::add);
    }
    Set<KnownRequest> all = new HashSet<>(open);
    all.addAll(anchors);
    List<Set<KnownRequest>> meant =
        KnownMembers.of(all).stream()
            .filter(each -> anchors.isEmpty() || !Collections.disjoint(each, anchors))
            .toList();
    meant = narrowed(narrowed(meant, consents), coverages);
    if (meant.size() > 1) {
      return Found.nobody(NotDone.SEVERAL);
    }
    Set<KnownRequest> known = meant.isEmpty() ? Set.of() : meant.get(0);
    Set<String> kept = new TreeSet<>();
    known.forEach(request -> request.kept().forEach(kept::add));
    members.stream()
        .filter(id -> known.stream().noneMatch(request -> request.hashes().contains(id)))
        .forEach(kept::add);
    return new Found(null, links, kept, known, open.stream().filter(known::contains).toList());
  }

  private static List<Set<KnownRequest>> narrowed(List<Set<KnownRequest>> all, Set<String> by) {
    List<Set<KnownRequest>> having =
        all.stream()
            .filter(member -> member.stream().anyMatch(request -> request.hasOneOf(by)))
            .toList();
    return having.isEmpty() ? all : having;
  }

  /** Whether a consent or coverage that was given beside is somebody else's. */
  boolean isAnothers(Found found) {
    return isConsentOfAnother(found) || isCoverageOfOthers(found);
  }

  private boolean isConsentOfAnother(Found found) {
    if (consents.isEmpty() || found.known().stream().anyMatch(each -> each.hasOneOf(consents))) {
      return false;
    }
    List<KnownRequest> consenting = requests.having(payer, consents);
    return KnownMembers.of(consenting).size() == 1
        && consenting.stream().noneMatch(each -> each.hasOneOf(found.links()));
  }

  /** What goes on is found by an index, the rest not in H2. */
  private boolean isCoverageOfOthers(Found found) {
    return !found.links().containsAll(coverages)
        && !found.known().isEmpty()
        && found.known().stream().noneMatch(each -> each.hasOneOf(coverages))
        && !requests.goingOn(payer, coverages).isEmpty();
  }
}
