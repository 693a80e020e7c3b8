package org.payerexchange.sandbox;

import java.time.LocalDate;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A member whom {@code $bulk-member-match} finds. Every tenant has any number of them; all of one
 * follows from its number and its scenario.
 *
 * @param number from 0 to 899,999,999
 */
public record PdexMember(String tenant, int number, MatchScenario scenario) {
  private static final int LAST = 899_999_999;
  private static final Pattern COVERAGE = Pattern.compile("PDEX-(\\d{1,9})(?:-([A-Z_]+))?");

  public PdexMember {
    if (number < 0 || number > LAST) {
      throw new IllegalArgumentException("A member's number is from 0 to " + LAST);
    }
  }

  /** A member with whom nothing is special. */
  public static PdexMember of(String tenant, int number) {
    return new PdexMember(tenant, number, MatchScenario.PLAIN);
  }

  /** The member whose coverage has this id, if it is one of them. */
  public static Optional<PdexMember> byCoverage(String tenant, String coverageId) {
    Matcher matcher = COVERAGE.matcher(coverageId);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    int number = Integer.parseInt(matcher.group(1));
    return scenario(matcher.group(2))
        .filter(known -> number <= LAST)
        .map(known -> new PdexMember(tenant, number, known));
  }

  private static Optional<MatchScenario> scenario(String name) {
    if (name == null) {
      return Optional.of(MatchScenario.PLAIN);
    }
    try {
      return Optional.of(MatchScenario.valueOf(name));
    } catch (IllegalArgumentException unknown) {
      return Optional.empty();
    }
  }

  public String given() {
    return "Pdexina";
  }

  public String family() {
    return "Testcase-" + digits(number);
  }

  public LocalDate birthDate() {
    return birthDate(number);
  }

  public String gender() {
    return "female";
  }

  public String memberId() {
    return "pdex-member-" + digits(number);
  }

  public String coverageId() {
    return "PDEX-" + number + (scenario == MatchScenario.PLAIN ? "" : "-" + scenario);
  }

  /** The id of the Patient at this payer, as the answer's Group and the export's lines have it. */
  public String patientId() {
    return patientId(patient());
  }

  static String patientId(int number) {
    return "pdex-" + digits(number);
  }

  static LocalDate birthDate(int number) {
    return LocalDate.of(1950, 1, 1).plusDays(number % 20_000);
  }

  /** The number that the Patient of its entry has. */
  int patient() {
    return switch (scenario) {
      case SAME_PATIENT -> Math.max(0, number - 1);
      case STRANGER -> LAST + 1 + number % 99_999_999;
      default -> number;
    };
  }

  /** Whether its Group has data of it. */
  boolean hasData() {
    return scenario != MatchScenario.EMPTY && scenario != MatchScenario.NOWHERE;
  }

  static String digits(int number) {
    return String.format(Locale.ROOT, "%09d", number);
  }

  @Override
  public String toString() {
    return "PdexMember[tenant=%s, scenario=%s]".formatted(tenant, scenario);
  }
}
