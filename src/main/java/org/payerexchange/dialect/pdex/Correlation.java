package org.payerexchange.dialect.pdex;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.payerexchange.dialect.BulkMatch.Outcome;
import org.payerexchange.dialect.MatchKind;
import org.payerexchange.dialect.member.MemberId;
import org.payerexchange.dialect.member.PersonFacts;

/**
 * Which of the members that were asked for an answer speaks of. Payers repeat a member as it was
 * sent (PDex 2.2, "PDex Member-Match Group"), give it another id, or leave it out. An entry is a
 * member's by, in this order, the id that we gave it; an equal set of identifiers; family and given
 * name, birth date and gender; being the only one that was asked for. Where two members fit, the
 * coverage tells them apart. An entry that contradicts the member is nobody's: in doubt nobody gets
 * anybody's data.
 */
final class Correlation {
  /** Groups whose members may be the payer's Patients that they refer to. */
  private static final Set<MatchKind> CLAIMING = EnumSet.of(MatchKind.MATCHED, MatchKind.UNSAID);

  private final Map<String, AskedMember> asked = new LinkedHashMap<>();
  private final Map<Set<PersonFacts.Identifier>, Set<AskedMember>> byIdentifiers = new HashMap<>();
  private final Map<List<String>, Set<AskedMember>> byPerson = new HashMap<>();
  private final boolean alone;

  /**
   * Of a request.
   *
   * @param number how many members it asked for
   * @param members those of them who still wait, each with an id of its own
   * @throws IllegalArgumentException if two members have one id
   */
  Correlation(int number, Collection<AskedMember> members) {
    for (AskedMember member : members) {
      if (asked.put(member.id(), member) != null) {
        throw new IllegalArgumentException("two members of a request have one id");
      }
      add(byIdentifiers, member.person().identifiers(), member);
      member.person().keys().forEach(key -> add(byPerson, key, member));
    }
    this.alone = number == 1;
  }

  private static <K> void add(Map<K, Set<AskedMember>> index, K key, AskedMember member) {
    index.computeIfAbsent(key, unused -> new LinkedHashSet<>()).add(member);
  }

  /**
   * What the answer says of each member.
   *
   * @return one outcome for each id that was asked for, in the order of the request
   */
  Map<String, Outcome> outcomes(List<AnsweredGroup> groups) {
    Map<AskedMember, Set<Said>> said = new HashMap<>();
    Map<String, Set<String>> claims = new HashMap<>();
    int number = 0;
    for (AnsweredGroup group : groups) {
      for (AnsweredMember entry : group.members()) {
        Optional<AskedMember> member = member(entry);
        number++;
        member.ifPresent(
            whose ->
                said.computeIfAbsent(whose, unused -> new LinkedHashSet<>())
                    .add(Said.of(group, entry)));
        if (CLAIMING.contains(group.bucket()) && !entry.patientId().isEmpty()) {
          claims
              .computeIfAbsent(entry.patientId(), unused -> new HashSet<>())
              .add(member.map(AskedMember::id).orElse("entry " + number));
        }
      }
    }
    Set<String> contested =
        claims.entrySet().stream()
            .filter(claim -> claim.getValue().size() > 1)
            .map(Map.Entry::getKey)
            .collect(Collectors.toSet());
    Map<String, Outcome> outcomes = new LinkedHashMap<>();
    asked
        .values()
        .forEach(
            member ->
                outcomes.put(member.id(), outcome(said.getOrDefault(member, Set.of()), contested)));
    return outcomes;
  }

  private static Outcome outcome(Set<Said> said, Set<String> contested) {
    if (said.isEmpty()) {
      return Outcome.uncorrelated("no entry of the answer is this member's for certain");
    }
    boolean matched = said.stream().allMatch(each -> each.bucket == MatchKind.MATCHED);
    if (matched && said.stream().map(Said::patientId).distinct().count() > 1) {
      return Outcome.AMBIGUOUS;
    }
    String patient = said.iterator().next().patientId();
    if (matched && contested.contains(patient)) {
      return Outcome.ambiguous(patient);
    }
    if (said.size() > 1) {
      return Outcome.uncorrelated("the answer has this member in several Groups");
    }
    return said.iterator().next().outcome();
  }

  /** What one entry says, as far as it matters. */
  private record Said(MatchKind bucket, String groupId, String patientId) {
    static Said of(AnsweredGroup group, AnsweredMember entry) {
      return group.bucket() == MatchKind.MATCHED
          ? new Said(group.bucket(), group.id(), entry.patientId())
          : new Said(group.bucket(), "", "");
    }

    Outcome outcome() {
      return switch (bucket) {
        case NOT_MATCHED -> Outcome.NO_MATCH;
        case CONSENT_CONSTRAINED -> Outcome.CONSENT_CONSTRAINED;
        case UNSAID ->
            Outcome.uncorrelated("its Group does not say whether its members are matched");
        case MATCHED -> {
          if (groupId.isEmpty()) {
            yield Outcome.uncorrelated("its Group has no id");
          }
          yield patientId.isEmpty()
              ? Outcome.uncorrelated("its entry names no Patient of the payer's")
              : Outcome.matched(groupId, patientId);
        }
      };
    }
  }

  private Optional<AskedMember> member(AnsweredMember entry) {
    if (!entry.usable()) {
      return Optional.empty();
    }
    return candidate(entry)
        .filter(member -> !member.person().contradicts(entry.person()))
        .filter(member -> !member.coverage().contradicts(entry.coverage()));
  }

  private Optional<AskedMember> candidate(AnsweredMember entry) {
    if (asked.containsKey(entry.requested()) || MemberId.isOurs(entry.requested())) {
      return Optional.ofNullable(asked.get(entry.requested()));
    }
    Set<AskedMember> people = new LinkedHashSet<>();
    entry.person().keys().forEach(key -> people.addAll(byPerson.getOrDefault(key, Set.of())));
    Set<AskedMember> identified =
        entry.person().identifiers().isEmpty()
            ? Set.of()
            : byIdentifiers.getOrDefault(entry.person().identifiers(), Set.of());
    if (identified.size() == 1) {
      return identified.stream().findFirst();
    }
    List<AskedMember> fitting = new ArrayList<>(identified.isEmpty() ? people : identified);
    if (!entry.person().keys().isEmpty()) {
      fitting.retainAll(people);
    }
    if (fitting.size() > 1) {
      fitting.removeIf(member -> !member.coverage().agreesWith(entry.coverage()));
    }
    if (fitting.isEmpty() && alone) {
      return asked.values().stream().findFirst();
    }
    return fitting.size() == 1 ? Optional.of(fitting.get(0)) : Optional.empty();
  }
}
