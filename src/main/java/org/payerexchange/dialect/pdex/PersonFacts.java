package org.payerexchange.dialect.pdex;

import com.fasterxml.jackson.databind.JsonNode;
import java.text.Normalizer;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.payerexchange.dialect.member.FhirJson;

/**
 * What tells one Patient from another. Names are compared without case and with one blank between
 * words. Payers leave elements out of what they give back, which says nothing.
 *
 * @param identifiers system and value of each
 * @param names each of its names
 * @param birthDate empty if there is none
 * @param gender empty if there is none, or if it is unknown
 */
record PersonFacts(Set<Identifier> identifiers, Set<Name> names, String birthDate, String gender) {
  /** No name differs from another only beyond this, in characters. */
  private static final int LONGEST_NAME = 200;

  /** Nothing at all. */
  static final PersonFacts NONE = new PersonFacts(Set.of(), Set.of(), "", "");

  /**
   * An identifier.
   *
   * @param system empty if it has none
   */
  record Identifier(String system, String value) {
    static Set<Identifier> of(JsonNode resource) {
      return FhirJson.identifiers(resource)
          .map(each -> new Identifier(FhirJson.text(each, "system"), FhirJson.text(each, "value")))
          .collect(Collectors.toUnmodifiableSet());
    }

    /** Whether both have identifiers of a system, and none of that system in common. */
    static boolean contradict(Set<Identifier> some, Set<Identifier> others) {
      Set<Identifier> common = new HashSet<>(some);
      common.retainAll(others);
      Set<String> systems = systems(some);
      systems.retainAll(systems(others));
      systems.removeAll(systems(common));
      return !systems.isEmpty();
    }

    private static Set<String> systems(Set<Identifier> identifiers) {
      return identifiers.stream().map(Identifier::system).collect(Collectors.toSet());
    }
  }

  /**
   * A name.
   *
   * @param family empty if it has none
   * @param given in its order
   */
  record Name(String family, List<String> given) {
    boolean agreesWith(Name other) {
      return (family.isEmpty() || other.family.isEmpty() || family.equals(other.family))
          && (given.isEmpty()
              || other.given.isEmpty()
              || given.stream().anyMatch(other.given::contains));
    }
  }

  /** Those of a Patient. */
  static PersonFacts of(JsonNode patient) {
    Set<Name> names = new LinkedHashSet<>();
    FhirJson.items(patient.path("name"))
        .map(
            name ->
                new Name(
                    plain(FhirJson.text(name, "family")),
                    FhirJson.texts(name.path("given")).stream().map(PersonFacts::plain).toList()))
        .forEach(names::add);
    String gender = FhirJson.text(patient, "gender");
    return new PersonFacts(
        Identifier.of(patient),
        Set.copyOf(names),
        FhirJson.text(patient, "birthDate"),
        gender.equals("unknown") ? "" : gender);
  }

  /** Keys that are equal for equal family, first given name, birth date and gender. */
  Set<List<String>> keys() {
    if (birthDate.isEmpty()) {
      return Set.of();
    }
    return names.stream()
        .filter(name -> !name.family().isEmpty() && !name.given().isEmpty())
        .map(name -> List.of(name.family(), name.given().get(0), birthDate, gender))
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Whether both cannot be of one person. */
  boolean contradicts(PersonFacts other) {
    return differ(birthDate, other.birthDate)
        || differ(gender, other.gender)
        || Identifier.contradict(identifiers, other.identifiers)
        || (!names.isEmpty()
            && !other.names.isEmpty()
            && names.stream().noneMatch(name -> other.names.stream().anyMatch(name::agreesWith)));
  }

  private static boolean differ(String one, String other) {
    return !one.isEmpty() && !other.isEmpty() && !one.equals(other);
  }

  private static String plain(String text) {
    String name = text.substring(0, Math.min(text.length(), LONGEST_NAME));
    return Normalizer.normalize(name, Normalizer.Form.NFKC)
        .toLowerCase(Locale.ROOT)
        .replaceAll("\\s+", " ")
        .strip();
  }

  /** No content: it is PHI. */
  @Override
  public String toString() {
    return "PersonFacts";
  }
}
