package org.payerexchange.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.ThrowingSupplier;
import org.payerexchange.ledger.Repeat;

/**
 * Texts of a record that nobody means. Java writes some letters small, or large, by the square of
 * their number.
 */
class EndlessTextTest {
  private static final String ENDLESS = "\u03a3".repeat(1 << 20);

  private static <T> T soon(ThrowingSupplier<T> work) {
    return assertTimeoutPreemptively(Duration.ofMinutes(1), work);
  }

  private static ObjectNode record(String parameter) {
    ObjectNode record = JsonObjects.create().put("resourceType", "Parameters");
    record.putArray("parameter").addObject().put("name", parameter);
    return record;
  }

  @Test
  void aParameterMayHaveAnyName() {
    assertThat(soon(() -> ParametersForm.parse(record(ENDLESS))).problems())
        .isEqualTo(ParametersForm.parse(record("x")).problems());
  }

  @Test
  void aFieldMayHaveAnyName() {
    assertThat(soon(() -> IntakeField.ofFlatName(ENDLESS))).isEmpty();
    assertThat(IntakeField.ofFlatName(" PAYER ")).contains(IntakeField.PAYER);
  }

  @Test
  void aPolicyMayBeAnything() {
    ObjectNode flat = JsonObjects.create().put("consentPolicy", ENDLESS);

    assertThat(soon(() -> FlatForm.parse(RecordForm.FLAT_JSON, flat)).problems()).hasSize(1);
  }

  @Test
  void aPeriodMayBeAnything() {
    assertThat(soon(() -> Repeat.period("\u00df".repeat(1 << 20)))).isEmpty();
    assertThat(Repeat.period("p1m")).isPresent();
  }

  @Test
  void aMemberMayHaveAnyName() {
    String patient =
        "{\"parameter\":[{\"name\":\"MemberPatient\",\"resource\":{\"name\":[{\"family\":\"%s\"}]}}]}";
    String endless = patient.formatted("\u03a3".repeat(500_000));

    assertThat(soon(() -> MemberKey.of(endless))).isNotEqualTo(MemberKey.of("{}"));
    assertThat(MemberKey.of(patient.formatted("ASH")))
        .isEqualTo(MemberKey.of(patient.formatted("Ash")));
  }
}
