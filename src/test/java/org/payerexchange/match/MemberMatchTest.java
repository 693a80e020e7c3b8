package org.payerexchange.match;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.payerexchange.dialect.MatchOutcome;
import org.payerexchange.dialect.MatchedPatient;
import org.payerexchange.dialect.OneUp;
import org.payerexchange.ledger.TransferClaim;
import org.payerexchange.payer.Payers;
import org.payerexchange.support.PlainPayer;

/** Which Patient an answer names. */
class MemberMatchTest {
  private static final TransferClaim CLAIM =
      new TransferClaim("t", "bison", null, "{}", null, null);

  private final MemberMatch match =
      new MemberMatch(
          new Payers(
              List.of(PlainPayer.of("bison", URI.create("http://localhost/fhir"), new OneUp()))),
          null,
          Clock.systemUTC(),
          20,
          null);

  private boolean isToBeFound(String reference) {
    return match.isToBeFound(MatchOutcome.of(new MatchedPatient(reference, "", "")), CLAIM);
  }

  @Test
  void aVersionOfAPatientIsThatPatient() {
    assertThat(isToBeFound("Patient/1/_history/2")).isFalse();
    assertThat(isToBeFound("http://localhost/fhir/Patient/1/_history/2")).isFalse();
    assertThat(isToBeFound("http://elsewhere.example/fhir/Patient/1/_history/2")).isTrue();
  }

  /** What took time by the square of its length would take an hour here. */
  @Test
  void aReferenceIsReadInOnePass() {
    String versions = "/_history/".repeat(1 << 19);
    assertThat(
            assertTimeoutPreemptively(
                Duration.ofMinutes(1), () -> isToBeFound("Patient/1" + versions + "\nx")))
        .isTrue();
  }

  @Test
  void aReferenceThatNamesTwoPatientsNamesNone() {
    assertThat(isToBeFound("Patient/1/_history/Patient/2")).isTrue();
  }
}
