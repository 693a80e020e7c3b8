package org.payerexchange.dialect.pdex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.dialect.member.FhirJson;

/** What a Patient is told from another by. */
class PersonFactsTest {
  private static final int MANY = 1 << 20;

  private static PersonFacts named(String family, String given) {
    ObjectNode patient = FhirJson.resource("Patient");
    patient.putArray("name").addObject().put("family", family).putArray("given").add(given);
    return PersonFacts.of(patient);
  }

  /** Java orders marks, and writes a sigma in small letters, by the square of their number. */
  @ParameterizedTest
  @ValueSource(strings = {"\u0301", "\u03a3"})
  void theLongestNameIsReadInOnePass(String piece) {
    String endless = "a" + piece.repeat(MANY) + "\u0316".repeat(MANY);
    PersonFacts facts =
        assertTimeoutPreemptively(Duration.ofMinutes(1), () -> named(endless, endless));

    assertThat(facts.contradicts(named(endless, endless))).isFalse();
    assertThat(facts.contradicts(named("Lovelace", "Ada"))).isTrue();
  }
}
