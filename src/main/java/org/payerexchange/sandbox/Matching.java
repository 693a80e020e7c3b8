package org.payerexchange.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Clock;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds the members of a bulk match: by coverage, names, birth date and gender, and by consent. */
final class Matching {
  private final Faults faults;
  private final Clock clock;

  Matching(Faults faults, Clock clock) {
    this.faults = faults;
    this.clock = clock;
  }

  /**
   * An entry of the answer.
   *
   * @param member who it is at this payer; empty: not known
   */
  record Entry(MemberBundle bundle, Optional<PdexMember> member) {
    boolean is(MatchScenario scenario) {
      return member.filter(known -> known.scenario() == scenario).isPresent();
    }
  }

  /**
   * Puts each member where it belongs.
   *
   * @throws GatewayRefusal 400 or 422 where a member's scenario refuses the request
   */
  Map<MatchBucket, List<Entry>> sort(String tenant, List<MemberBundle> bundles) {
    boolean regularConstrains = faults.isDue(Fault.REGULAR_CONSTRAINED);
    Map<MatchBucket, List<Entry>> sorted = new EnumMap<>(MatchBucket.class);
    for (MatchBucket bucket : MatchBucket.values()) {
      sorted.put(bucket, new ArrayList<>());
    }
    for (MemberBundle bundle : bundles) {
      Entry entry = new Entry(bundle, find(tenant, bundle));
      for (MatchBucket bucket : buckets(entry, regularConstrains)) {
        sorted.get(bucket).add(entry);
      }
    }
    return sorted;
  }

  private List<MatchBucket> buckets(Entry entry, boolean regularConstrains) {
    if (entry.member().isEmpty()) {
      return List.of(MatchBucket.NOT_MATCHED);
    }
    MatchBucket bucket =
        isConstrained(entry.bundle().consent(), regularConstrains)
            ? MatchBucket.CONSTRAINED
            : MatchBucket.MATCHED;
    return switch (entry.member().get().scenario()) {
      case CONSENT_CONSTRAINED -> List.of(MatchBucket.CONSTRAINED);
      case UNKNOWN -> List.of(MatchBucket.NOT_MATCHED);
      case NO_BUCKET -> List.of();
      case TWO_BUCKETS -> List.of(bucket, MatchBucket.NOT_MATCHED);
      case TWICE -> List.of(bucket, bucket);
      case INVALID ->
          throw GatewayRefusal.outcome(
              400,
              "invalid",
              "MemberBundle[%d] is invalid".formatted(entry.bundle().position() - 1));
      case UNPROCESSABLE -> throw entry.bundle().refused("cannot be processed");
      case PLAIN, EMPTY, SAME_PATIENT, WITHOUT_PATIENT, NOWHERE, STRANGER -> List.of(bucket);
    };
  }

  private static Optional<PdexMember> find(String tenant, MemberBundle bundle) {
    return bundle
        .coverageIds()
        .map(id -> PdexMember.byCoverage(tenant, id))
        .flatMap(Optional::stream)
        .filter(member -> isSame(member, bundle.patient()))
        .findFirst();
  }

  private static boolean isSame(PdexMember member, JsonNode patient) {
    return member.birthDate().toString().equals(patient.path("birthDate").asText())
        && member.gender().equals(patient.path("gender").asText(member.gender()))
        && FhirOperation.elements(patient.path("name"))
            .anyMatch(
                name ->
                    member.family().equalsIgnoreCase(name.path("family").asText())
                        && member.given().equalsIgnoreCase(name.path("given").path(0).asText()));
  }

  private boolean isConstrained(JsonNode consent, boolean regularConstrains) {
    JsonNode period = consent.path("provision").path("period");
    String today = LocalDate.now(clock).toString();
    return (regularConstrains
            && consent.path("policy").path(0).path("uri").asText().endsWith("#regular"))
        || ProfileRules.day(period.path("start").asText()).compareTo(today) > 0
        || ProfileRules.day(period.path("end").asText()).compareTo(today) < 0;
  }
}
