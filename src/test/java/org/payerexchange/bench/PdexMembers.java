package org.payerexchange.bench;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.payerexchange.sandbox.PdexMember;

/** Members of a payer that is asked for many at once. */
final class PdexMembers {
  private PdexMembers() {}

  /** What makes the payer bison one that is asked for so many at once. */
  static List<String> settings(int batch) {
    String prefix = "p2p.payers.bison.";
    return List.of(
        "p2p.organization.name=Asking Health Plan",
        "p2p.organization.npi=1999999992",
        "p2p.organization.uri=https://asking.example.org",
        prefix + "dialect=pdex",
        prefix + "organization.name=Imaginary Health Plan",
        prefix + "organization.npi=1234567893",
        prefix + "match-batch-size=" + batch,
        prefix + "match-batch-wait=10m");
  }

  /** So many records, one a line. */
  static String records(int members) {
    return IntStream.range(0, members)
        .mapToObj(number -> PdexMember.of("bison", number))
        .map(PdexMembers::record)
        .collect(Collectors.joining());
  }

  private static String record(PdexMember member) {
    return """
        {"payer": "bison", "requestId": "request-%1$d", "memberId": "%2$s", "given": "%3$s", \
        "family": "%4$s", "birthDate": "%5$s", "gender": "%6$s", "coverageId": "%7$s", \
        "consentId": "consent-%1$d", "consentPolicy": \
        "http://hl7.org/fhir/us/davinci-hrex/StructureDefinition-hrex-consent.html#regular", \
        "consentStart": "2020-01-01", "consentEnd": "2099-12-31"}
        """
        .formatted(
            member.number(),
            member.memberId(),
            member.given(),
            member.family(),
            member.birthDate(),
            member.gender(),
            member.coverageId());
  }
}
