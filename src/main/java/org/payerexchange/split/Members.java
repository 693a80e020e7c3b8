package org.payerexchange.split;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.payerexchange.split.NobodysLines.Reason;

/** The members of a job, by their places in its list. */
final class Members {
  private static final int MOST = 1 << 20;

  private final List<SplitMember> members;
  private final Map<String, Integer> byPatient = new HashMap<>();

  /**
   * Takes them as they are.
   *
   * @throws IllegalArgumentException if a Patient is not told, or two of them are one Patient or
   *     transfer
   */
  Members(List<SplitMember> members) {
    this.members = List.copyOf(members);
    if (members.size() > MOST) {
      throw new IllegalArgumentException("more than %s members in a job".formatted(MOST));
    }
    Set<String> transfers = new HashSet<>();
    for (SplitMember member : this.members) {
      if (member.patientId().isBlank()
          || byPatient.put(member.patientId(), byPatient.size()) != null
          || !transfers.add(member.transferId())) {
        throw new IllegalArgumentException(
            "transfer %s, or its Patient, is not told or twice in a job"
                .formatted(member.transferId()));
      }
    }
  }

  List<SplitMember> all() {
    return members;
  }

  /** The place of the member who is this Patient; negative if it is a stranger. */
  int find(String patientId) {
    return byPatient.getOrDefault(patientId, -1);
  }

  /**
   * Whose a line is, or why it is nobody's.
   *
   * @param member the owner's place; negative if there is none
   * @param reason null if there is one
   */
  record Verdict(int member, Reason reason) {

    private static Verdict nobodys(Reason reason) {
      return new Verdict(-1, reason);
    }

    /** One of {@link Owners}. */
    long owner() {
      return Owners.ofMemberOrStranger(member);
    }
  }

  /** Judges a line of no shared type by its own words alone. */
  Verdict judge(Ownership ownership, LineFacts facts) {
    return switch (ownership.rule()) {
      case ITSELF -> judge(facts.id());
      case OWNED -> judge(facts.owners());
      default -> Verdict.nobodys(Reason.OTHER_TYPE);
    };
  }

  private Verdict judge(String patientId) {
    int member = find(patientId);
    return member < 0 ? Verdict.nobodys(Reason.STRANGER) : new Verdict(member, null);
  }

  private Verdict judge(List<Link> owners) {
    Set<String> patients = new HashSet<>();
    boolean unsure = false;
    for (Link owner : owners) {
      if (owner.isPatient()) {
        patients.add(owner.id());
      } else if (owner.type().isEmpty()) {
        unsure = true;
      }
    }
    if (patients.isEmpty()) {
      return Verdict.nobodys(Reason.NO_OWNER);
    }
    return unsure || patients.size() > 1
        ? Verdict.nobodys(Reason.SEVERAL_OWNERS)
        : judge(patients.iterator().next());
  }

  /** Whose a conditional line is by the Patients that it names, one of {@link Owners}. */
  long owner(LineFacts facts) {
    long owner = facts.ofSomebody() ? Owners.MANY : Owners.NONE;
    for (Link target : facts.owners()) {
      owner = Owners.join(owner, isOutOfSight(target) ? Owners.MANY : owner(target));
    }
    for (Link link : facts.links()) {
      owner = Owners.join(owner, owner(link));
    }
    return owner;
  }

  /** Whether nobody can tell whose a target is. */
  private static boolean isOutOfSight(Link target) {
    return target.kind() == Link.Kind.ELSEWHERE && !target.whose().isShareable();
  }

  private long owner(Link link) {
    if (link.kind() == Link.Kind.UNTYPED) {
      return Owners.MANY;
    }
    return link.isPatient() ? Owners.ofMemberOrStranger(find(link.id())) : Owners.NONE;
  }
}
