package org.payerexchange.sandbox;

import static org.payerexchange.sandbox.GroupHistory.refer;
import static org.payerexchange.sandbox.GroupHistory.start;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/**
 * What real exports of a Group hold besides what is plainly one member's: coverages of spouses,
 * lines of people who are not in the Group, lines that are about several members or about nobody.
 */
final class OddLines {
  /** A member of the payer whom nobody asked for. */
  private static final String STRANGER = "Patient/stranger";

  private static final int COUPLES = 10;

  private final List<KnownLine> lines = new ArrayList<>();
  private final int[] members;

  private OddLines(int[] members) {
    this.members = members;
  }

  /** Those of an export of these members; none where there are less than two. */
  static List<KnownLine> of(int[] members) {
    OddLines odd = new OddLines(members);
    if (members.length > 1) {
      odd.couples();
      odd.strangers();
      odd.devices();
      odd.provenances();
      odd.ofSeveral();
    }
    return odd.lines;
  }

  private void couples() {
    for (int first = 0; first + 1 < members.length && first < 2 * COUPLES; first += 2) {
      int spouse = members[first + 1];
      lines.add(
          KnownLine.of(
              coverage("of-spouse-" + spouse, patient(members[first]), patient(spouse)), spouse));
    }
    lines.add(
        KnownLine.ofNobody(coverage("of-stranger-" + members[0], patient(members[0]), STRANGER)));
  }

  private void strangers() {
    lines.add(KnownLine.ofNobody(start("Patient", "stranger").put("birthDate", "1944-04-04")));
    lines.add(KnownLine.ofNobody(observation("of-stranger", STRANGER)));
    ObjectNode related = start("RelatedPerson", "of-stranger");
    lines.add(KnownLine.ofNobody(refer(related, "patient", STRANGER)));
    lines.add(KnownLine.ofNobody(start("Practitioner", "of-nobody")));
  }

  /** A device without a patient is of those whose lines refer to it, if it is one. */
  private void devices() {
    int owner = members[0];
    KnownLine own = KnownLine.of(start("Device", "of-" + owner), owner);
    KnownLine common = KnownLine.ofNobody(start("Device", "of-two-" + owner));
    lines.add(own);
    lines.add(common);
    lines.add(measured("by-own-device-", owner, own));
    lines.add(measured("by-common-device-", owner, common));
    lines.add(measured("by-common-device-", members[1], common));
  }

  private static KnownLine measured(String id, int member, KnownLine device) {
    ObjectNode observation = observation(id + member, patient(member));
    return KnownLine.of(refer(observation, "device", device.reference()), member);
  }

  private void provenances() {
    int owner = members[0];
    lines.add(KnownLine.of(provenance("of-" + owner, owner), owner));
    lines.add(KnownLine.ofNobody(provenance("of-two-" + owner, owner, members[1])));
  }

  private void ofSeveral() {
    int first = members[0];
    ObjectNode unowned = start("Observation", "without-subject-" + first).put("status", "final");
    unowned.putArray("performer").addObject().put("reference", patient(first));
    lines.add(KnownLine.ofNobody(unowned));
    ObjectNode list = start("List", "of-two-" + first).put("status", "current");
    ArrayNode entries = list.put("mode", "working").putArray("entry");
    for (int member : new int[] {first, members[1]}) {
      refer(entries.addObject(), "item", patient(member));
    }
    lines.add(KnownLine.ofNobody(refer(list, "subject", patient(first))));
  }

  private static ObjectNode coverage(String id, String subscriber, String beneficiary) {
    ObjectNode coverage = start("Coverage", id).put("status", "active");
    refer(coverage, "subscriber", subscriber);
    refer(coverage, "beneficiary", beneficiary);
    coverage.putArray("payor").addObject().put("reference", "Organization/payer");
    return coverage;
  }

  private static ObjectNode observation(String id, String subject) {
    ObjectNode observation = start("Observation", id).put("status", "final");
    observation.putObject("code").put("text", "Heart rate");
    return refer(observation, "subject", subject);
  }

  private static ObjectNode provenance(String id, int... targets) {
    ObjectNode provenance = start("Provenance", id).put("recorded", "2020-01-01T00:00:00Z");
    ArrayNode list = provenance.putArray("target");
    for (int target : targets) {
      list.addObject().put("reference", "Coverage/coverage-" + PdexMember.digits(target));
    }
    return provenance;
  }

  private static String patient(int member) {
    return "Patient/" + PdexMember.patientId(member);
  }
}
