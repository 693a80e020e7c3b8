package org.payerexchange.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.payerexchange.intake.Samples.CLOCK;
import static org.payerexchange.intake.Samples.HEADER;
import static org.payerexchange.intake.Samples.REFERENCE_PAGE;
import static org.payerexchange.intake.Samples.ROW;
import static org.payerexchange.intake.Samples.read;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.payerexchange.dialect.Dialect;
import org.payerexchange.dialect.OneUp;
import org.payerexchange.dialect.member.Parties;
import org.payerexchange.dialect.pdex.PatientJoin;
import org.payerexchange.dialect.pdex.Pdex;
import org.payerexchange.http.JsonLimits;
import org.payerexchange.intake.IntakeProblem.Reason;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.Payers;
import org.payerexchange.support.PlainPayer;

/**
 * What a payer that is asked for many members at once has to be told is asked for at the intake.
 */
class BulkMatchIntakeTest {
  private static final IntakeSource NOWHERE = new IntakeSource("x.csv", null, null);
  private static final IntakeSource HERON_FOLDER = new IntakeSource("heron/x", "heron", null);
  private static final String WITH_GENDER = HEADER.replace("birthDate", "birthDate,gender");

  @Test
  void aRowWithoutGenderIsRejectedAloneAndOnlyWhereThePayerHasToBeToldIt() {
    List<CheckedRecord> checked =
        check(
            WITH_GENDER
                + "\n"
                + row("heron", "")
                + "\n"
                + row("heron", "female")
                + "\n"
                + row("bison", ""),
            NOWHERE);

    assertThat(checked.get(0).problems())
        .containsExactly(new IntakeProblem(Reason.MISSING, "gender", "is missing"));
    assertThat(checked.get(1).problems()).isEmpty();
    assertThat(checked.get(2).problems()).isEmpty();
  }

  @Test
  void parametersAreToldByTheirPlacesWhatTheyLack() {
    assertThat(check(REFERENCE_PAGE, HERON_FOLDER).get(0).problems())
        .containsExactly(
            new IntakeProblem(
                Reason.MISSING,
                "MemberPatient.gender",
                "is missing, and there is no extension us-core-birthsex"),
            new IntakeProblem(
                Reason.MISSING,
                "CoverageToMatch.identifier.value",
                "of type MB is missing, and there is no subscriberId"));
  }

  @Test
  void aBirthSexWillDo() {
    String record =
        REFERENCE_PAGE
            .replace(
                "\"birthDate\"",
                "\"extension\": [{\"url\": \"http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex\", \"valueCode\": \"F\"}], \"birthDate\"")
            .replace("\"identifier\" :", "\"subscriberId\": \"member-1\", \"identifier\" :");

    assertThat(check(record, HERON_FOLDER).get(0).problems()).isEmpty();
  }

  private static String row(String payer, String gender) {
    return ROW.replace("bison", payer).replace("1980-04-05", "1980-04-05," + gender);
  }

  private static List<CheckedRecord> check(String text, IntakeSource source) {
    return new IntakeValidator(
            new Payers(List.of(payer("bison", new OneUp()), payer("heron", pdex()))),
            "",
            Map.of(),
            CLOCK)
        .check(read(text), source);
  }

  private static Pdex pdex() {
    return new Pdex(
        new Parties(
            new Parties.Organization("New Payer", "0123456788"),
            URI.create("https://new-payer.example"),
            new Parties.Organization("Old Payer", "9876543213")),
        100,
        Duration.ofMinutes(1),
        Pdex.PAYER_TO_PAYER,
        Pdex.StatusUrls.TOLD,
        PatientJoin.REPEAT,
        JsonLimits.mapper());
  }

  private static Payer payer(String id, Dialect dialect) {
    return PlainPayer.of(id, URI.create("http://127.0.0.1/v1/" + id), dialect);
  }
}
