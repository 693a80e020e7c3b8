package org.payerexchange.dialect.pdex;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.payerexchange.dialect.BulkMatch.Kind;
import org.payerexchange.dialect.BulkMatch.Outcome;
import org.payerexchange.dialect.member.MemberId;
import org.payerexchange.dialect.member.PersonFacts;

/**
 * Members with names, birth dates, member ids and coverages that are often alike, and payers that
 * renumber, leave out, repeat, mix and swap. Whatever they do, nobody gets another's Patient.
 */
class CorrelationRandomTest {
  private static final int ROUNDS = 5_000;

  @Test
  void noMemberEverGetsAnothersPatient() {
    int matched = 0;
    int inDoubt = 0;
    for (int seed = 0; seed < ROUNDS; seed++) {
      Round round = new Round(new Random(seed), true);
      Map<String, Outcome> outcomes = round.outcomes();
      assertThat(outcomes).hasSize(round.members.size());
      Set<String> given = new HashSet<>();
      for (Member member : round.members) {
        Outcome outcome = outcomes.get(member.id);
        if (outcome.kind() == Kind.MATCHED) {
          assertThat(outcome.patientId()).as("seed %d", seed).isEqualTo(member.answered);
          assertThat(given.add(outcome.patientId())).as("seed %d", seed).isTrue();
          matched++;
        } else {
          // who is ambiguous is told by whom, so that the other gets nothing either
          assertThat(outcome.groupId()).isNull();
          inDoubt += outcome.kind() == Kind.UNCORRELATED ? 1 : 0;
        }
      }
    }
    assertThat(matched).isGreaterThan(ROUNDS);
    assertThat(inDoubt).isGreaterThan(ROUNDS);
  }

  @Test
  void aPayerThatKeepsTheStandardLeavesNobodyInDoubt() {
    for (int seed = 0; seed < ROUNDS / 10; seed++) {
      Round round = new Round(new Random(seed), false);
      Map<String, Outcome> outcomes = round.outcomes();
      for (Member member : round.members) {
        Kind expected =
            member.bucket.equals("nomatch")
                ? Kind.NO_MATCH
                : member.bucket.equals("match")
                    ? round.isShared(member) ? Kind.AMBIGUOUS : Kind.MATCHED
                    : Kind.CONSENT_CONSTRAINED;
        assertThat(outcomes.get(member.id).kind()).as("seed %d", seed).isEqualTo(expected);
      }
    }
  }

  /** One who was asked for, and what the payer answers. */
  private static final class Member {
    private final String id;
    private final ObjectNode patient;
    private final ObjectNode coverage;
    private final String bucket;
    private final String answered;

    Member(String id, ObjectNode patient, ObjectNode coverage, String bucket, String answered) {
      this.id = id;
      this.patient = patient;
      this.coverage = coverage;
      this.bucket = bucket;
      this.answered = answered;
    }

    AskedMember asked() {
      return Cases.asked(id, patient, coverage);
    }
  }

  private static final class Round {
    private final Random random;
    private final boolean careless;
    private final List<Member> members = new ArrayList<>();
    private final Map<String, ObjectNode> groups = new HashMap<>();

    Round(Random random, boolean careless) {
      this.random = random;
      this.careless = careless;
      int people = 1 + random.nextInt(8);
      for (int n = 0; n < people; n++) {
        ObjectNode patient = person(n);
        add(patient, n, "S-" + (random.nextInt(4) == 0 ? 0 : n));
        if (random.nextInt(8) == 0) {
          add(patient, n, "second-" + n);
        }
      }
    }

    /** Few names and days, so that people are alike; often no member id, or the family's. */
    private ObjectNode person(int n) {
      ObjectNode patient =
          Cases.patient(
              "",
              "Family" + random.nextInt(2),
              "Given" + random.nextInt(3),
              "1970-01-0" + (1 + random.nextInt(2)));
      int memberId = random.nextInt(4);
      if (memberId > 0) {
        Cases.identified(patient, "https://old.example", "ID-" + (memberId == 1 ? 0 : n));
      }
      return patient;
    }

    private void add(ObjectNode patient, int person, String subscriberId) {
      String id = MemberId.of("batch", "t-" + members.size());
      String bucket =
          List.of("match", "match", "nomatch", "consentconstraint").get(random.nextInt(4));
      members.add(
          new Member(
              id,
              patient.deepCopy().put("id", id),
              Cases.coverage("coverage", subscriberId),
              bucket,
              "patient-" + (careless && random.nextInt(20) == 0 ? 0 : person)));
    }

    boolean isShared(Member member) {
      return members.stream()
              .filter(each -> each.bucket.equals("match"))
              .filter(each -> each.answered.equals(member.answered))
              .count()
          > 1;
    }

    Map<String, Outcome> outcomes() {
      for (String bucket : List.of("match", "nomatch", "consentconstraint")) {
        groups.put(bucket, Cases.group(bucket.equals("match") ? "g" : "", bucket));
      }
      boolean keepsIds = !careless || random.nextInt(3) == 0;
      List<Member> order = new ArrayList<>(members);
      Collections.shuffle(order, random);
      for (Member member : order) {
        if (careless && random.nextInt(12) == 0) {
          continue;
        }
        entry(member, member.bucket, keepsIds);
        if (careless && random.nextInt(15) == 0) {
          entry(member, "match", keepsIds);
        }
        if (careless && random.nextInt(15) == 0) {
          entry(member, "nomatch", keepsIds);
        }
      }
      if (careless && keepsIds && random.nextInt(3) == 0) {
        swap();
      }
      if (careless && random.nextInt(3) == 0) {
        stranger();
      }
      return new Correlation(members.size(), members.stream().map(Member::asked).toList())
          .outcomes(
              Stream.of("match", "nomatch", "consentconstraint")
                  .map(groups::get)
                  .map(group -> AnsweredGroup.of(group, Optional.empty(), prefix -> true))
                  .toList());
    }

    private void entry(Member member, String bucket, boolean keepsIds) {
      ObjectNode group = groups.get(bucket);
      int number = group.path("member").size() + 1;
      String id = keepsIds ? member.id : "member-" + number;
      String reference = bucket.equals("match") ? "Patient/" + member.answered : "#" + id;
      ObjectNode patient = member.patient.deepCopy().put("id", id);
      ObjectNode coverage = member.coverage.deepCopy().put("id", "coverage-" + number);
      boolean hasCoverage = !careless || random.nextBoolean();
      int lost = careless ? random.nextInt(8) : 8;
      if (lost == 0) {
        patient.remove("identifier");
      } else if (lost == 1) {
        patient.remove(List.of("name", "birthDate", "gender"));
      }
      if (lost == 2) {
        Cases.entry(group, reference, "#" + id, "");
      } else if (lost == 3) {
        Cases.entry(group, reference, "", "");
      } else if (hasCoverage) {
        Cases.entry(group, reference, "#" + id, "#coverage-" + number, patient, coverage);
      } else {
        Cases.entry(group, reference, "#" + id, "", patient);
      }
    }

    /** Puts our ids on each other's Patients, where that can be seen. */
    private void swap() {
      Member one = members.get(random.nextInt(members.size()));
      Member other = members.get(random.nextInt(members.size()));
      if (!PersonFacts.of(one.patient).contradicts(PersonFacts.of(other.patient))) {
        return;
      }
      ObjectNode group = Cases.group("g", "match");
      Cases.entry(
          group,
          "Patient/" + one.answered,
          "#" + other.id,
          "",
          one.patient.deepCopy().put("id", other.id));
      Cases.entry(
          group,
          "Patient/" + other.answered,
          "#" + one.id,
          "",
          other.patient.deepCopy().put("id", one.id));
      groups.put("match", group);
    }

    /** Somebody of another request. */
    private void stranger() {
      String id = random.nextBoolean() ? MemberId.of("other batch", "t-0") : "member-1";
      ObjectNode stranger =
          Cases.identified(
              Cases.patient(id, "Stranger", "Given0", "1970-01-01"),
              "https://old.example",
              "ID-" + random.nextInt(3));
      ObjectNode group = groups.get("match");
      if (group.path("contained").findValuesAsText("id").contains(id)) {
        return;
      }
      Cases.entry(group, "Patient/stranger", "#" + id, "", stranger);
    }
  }
}
