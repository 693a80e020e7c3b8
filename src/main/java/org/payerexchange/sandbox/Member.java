package org.payerexchange.sandbox;

import java.time.LocalDate;
import java.util.List;

/**
 * A member of one of the simulated payers; all of them are invented.
 *
 * @param groups the ids of the groups that {@code $member-match} finds
 * @param matchAnswer the shape of that answer, or null for the sandbox's default
 * @param kickOffAnswer the shape of the kick-off's answer, or null for the sandbox's default
 * @param chunked whether files come chunked, without Content-Length and without a last newline
 */
public record Member(
    String tenant,
    String memberId,
    String given,
    String family,
    LocalDate birthDate,
    String gender,
    String coverageId,
    List<String> groups,
    Scenario scenario,
    GroupIdPlace matchAnswer,
    KickOffAnswer kickOffAnswer,
    boolean chunked) {

  public Member {
    groups = List.copyOf(groups);
    scenario = scenario == null ? Scenario.PLAIN : scenario;
  }

  @Override
  public String toString() {
    return "Member[tenant=%s, groups=%s, scenario=%s]".formatted(tenant, groups, scenario);
  }
}
