package org.payerexchange.intake;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a record says, with its name in the flat forms and its place in FHIR Parameters. */
public enum IntakeField {
  PAYER("payer", "payer", 63),
  REQUEST_ID("requestId", "requestId", 200),
  MEMBER_ID("memberId", "Parameters.id", 128),
  MEMBER_ID_SYSTEM("memberIdSystem", "MemberPatient.identifier.system", 500),
  GIVEN("given", "MemberPatient.name.given", 200),
  FAMILY("family", "MemberPatient.name.family", 200),
  BIRTH_DATE("birthDate", "MemberPatient.birthDate", 10),
  GENDER("gender", "MemberPatient.gender", 10),
  COVERAGE_ID("coverageId", "CoverageToMatch.identifier.value", 200),
  COVERAGE_SYSTEM("coverageSystem", "CoverageToMatch.identifier.system", 500),
  LINK_MEMBER_ID("linkMemberId", "CoverageToLink.subscriberId", 128),
  LINK_COVERAGE_ID("linkCoverageId", "CoverageToLink.identifier.value", 200),
  CONSENT_ID("consentId", "Consent.id", 128),
  CONSENT_POLICY("consentPolicy", "Consent.policy.uri", 500),
  CONSENT_START("consentStart", "Consent.provision.period.start", 40),
  CONSENT_END("consentEnd", "Consent.provision.period.end", 40),
  ENROLLED_ON("enrolledOn", "enrolledOn", 10),
  REPEAT_EVERY("repeatEvery", "repeatEvery", 32),
  REPEAT_UNTIL("repeatUntil", "repeatUntil", 10),
  WITHDRAW("withdraw", "withdraw", 5);

  private static final int LONGEST_NAME = 100;

  private static final Map<String, IntakeField> BY_FLAT_NAME =
      Arrays.stream(values())
          .collect(Collectors.toUnmodifiableMap(IntakeField::flatName, field -> field));

  private static final Map<String, IntakeField> BY_LOWER_CASE =
      Arrays.stream(values())
          .collect(
              Collectors.toUnmodifiableMap(
                  field -> field.flatName.toLowerCase(Locale.ROOT), field -> field));

  private final String flatName;
  private final String path;
  private final int maxLength;

  IntakeField(String flatName, String path, int maxLength) {
    this.flatName = flatName;
    this.path = path;
    this.maxLength = maxLength;
  }

  /** The field of a flat record with this name, written in any case. */
  static Optional<IntakeField> ofFlatName(String name) {
    IntakeField asItIs = BY_FLAT_NAME.get(name);
    if (asItIs != null) {
      return Optional.of(asItIs);
    }
    String stripped = Blanks.strip(name);
    return stripped.length() > LONGEST_NAME
        ? Optional.empty()
        : Optional.ofNullable(BY_LOWER_CASE.get(stripped.toLowerCase(Locale.ROOT)));
  }

  /** The field with this place in FHIR Parameters. */
  static Optional<IntakeField> ofPath(String path) {
    return Arrays.stream(values()).filter(field -> field.path.equals(path)).findFirst();
  }

  /** The name in flat JSON and in a CSV header. */
  public String flatName() {
    return flatName;
  }

  /** What to call it in a message about a record of this form. */
  public String in(RecordForm form) {
    return form == RecordForm.PARAMETERS ? path : flatName;
  }

  /** The longest value that is taken, in characters. */
  public int maxLength() {
    return maxLength;
  }
}
