package org.payerexchange.dialect.member;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a Patient is told from another by. */
class PersonFactsTest {
  private static final int MANY = 1 << 20;

  private static PersonFacts named(String family, String given) {
    ObjectNode patient = FhirJson.resource("Patient");
    patient.putArray("name").addObject().put("family", family).putArray("given").add(given);
    return PersonFacts.of(patient);
  }

  /** As payers write one person's name; what differs beyond that is another's. */
  @ParameterizedTest
  @CsvSource({
    "José, GARCÍA, JOSE, GARCIA, false",
    "Ann Marie, O'Neil, Marie, ONEIL, false",
    "Ann, Smith-Jones, Ann, Smith Jones, false",
    "Mary-Ann, Smith, Mary Ann, Smith, false",
    "MaryAnn, Smith, Mary Ann, Smith, false",
    "Ann, Smith, Ann, Jones, true",
    "Ann, Smith, Eve, Smith, true",
  })
  void namesOfOnePersonAreOneHoweverTheyAreWritten(
      String given, String family, String otherGiven, String otherFamily, boolean isAnother) {
    assertThat(named(family, given).isAnother(named(otherFamily, otherGiven))).isEqualTo(isAnother);
  }

  @ParameterizedTest
  @CsvSource({
    "1980-02-29, 1980-02, false",
    "1980, 1980-02-29, false",
    "1980-02-29, '', false",
    "1980-02-29, 1980-03, true",
    "1980-02-29, 1980-02-28, true",
  })
  void partOfABirthDateContradictsNoWholeOneThatBeginsSo(
      String one, String other, boolean isAnother) {
    assertThat(born(one).isAnother(born(other))).isEqualTo(isAnother);
  }

  private static PersonFacts born(String date) {
    return PersonFacts.of(FhirJson.resource("Patient").put("birthDate", date));
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
