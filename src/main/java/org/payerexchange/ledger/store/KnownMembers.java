package org.payerexchange.ledger.store;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Whose requests some are: those of one member have an id in common, and the first given name with
 * the family name or the birth date. So a name that was corrected is no other member, and who has
 * the same id is one.
 */
final class KnownMembers {
  private final Map<String, Integer> byKey = new HashMap<>();
  private final Map<Integer, Set<KnownRequest>> members = new LinkedHashMap<>();
  private int last;

  private KnownMembers() {}

  /** The requests of each member. */
  static List<Set<KnownRequest>> of(Collection<KnownRequest> requests) {
    KnownMembers all = new KnownMembers();
    List<KnownRequest> nameless = new ArrayList<>();
    for (KnownRequest request : requests) {
      if (request.names().isEmpty()) {
        nameless.add(request);
      } else {
        all.add(request);
      }
    }
    all.addNameless(nameless);
    return List.copyOf(all.members.values());
  }

  private void add(KnownRequest request) {
    Set<KnownRequest> member = new HashSet<>(Set.of(request));
    request
        .kept()
        .forEach(
            key -> {
              Set<KnownRequest> known = members.remove(byKey.getOrDefault(key, 0));
              if (known != null) {
                member.addAll(known);
              }
            });
    members.put(++last, member);
    member.stream().flatMap(KnownRequest::kept).forEach(key -> byKey.put(key, last));
  }

  /** Older versions kept no names: they belong to the one member who has just their ids. */
  private void addNameless(List<KnownRequest> nameless) {
    Map<Set<String>, Set<Set<KnownRequest>>> byIds = new HashMap<>();
    for (Set<KnownRequest> member : members.values()) {
      member.forEach(each -> byIds.computeIfAbsent(each.own(), ids -> new HashSet<>()).add(member));
    }
    Map<Set<String>, Set<KnownRequest>> others = new HashMap<>();
    for (KnownRequest request : nameless) {
      Set<Set<KnownRequest>> named = byIds.getOrDefault(request.own(), Set.of());
      Set<KnownRequest> member =
          others.computeIfAbsent(
              request.own(),
              ids -> {
                if (named.size() == 1) {
                  return named.iterator().next();
                }
                Set<KnownRequest> own = new HashSet<>();
                members.put(++last, own);
                return own;
              });
      member.add(request);
    }
  }
}
