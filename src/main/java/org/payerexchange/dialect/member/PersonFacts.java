package org.payerexchange.dialect.member;

import com.fasterxml.jackson.databind.JsonNode;
import java.text.Normalizer;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What tells one Patient from another. Names are compared without case and with one blank between
 * words; they contradict each other only by their letters without accents, given names only where
 * they have no word in common. Payers leave elements out of what they give back, and the end of a
 * date, which says nothing.
 *
 * @param identifiers system and value of each
 * @param names each of its names
 * @param birthDate empty if there is none
 * @param gender empty if there is none, or if it is unknown
 */
public record PersonFacts(
    Set<Identifier> identifiers, Set<Name> names, String birthDate, String gender) {
  /** No name differs from another only beyond this, in characters. */
  private static final int LONGEST_NAME = 200;

  /** Nothing at all. */
  public static final PersonFacts NONE = new PersonFacts(Set.of(), Set.of(), "", "");

  /**
   * An identifier.
   *
   * @param system empty if it has none
   */
  public record Identifier(String system, String value) {
    /** Those of a resource that have a value. */
    public static Set<Identifier> of(JsonNode resource) {
      return FhirJson.identifiers(resource)
          .map(each -> new Identifier(FhirJson.text(each, "system"), FhirJson.text(each, "value")))
          .collect(Collectors.toUnmodifiableSet());
    }

    /** Whether both have identifiers of a system, and none of that system in common. */
    public static boolean contradict(Set<Identifier> some, Set<Identifier> others) {
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
  public record Name(String family, List<String> given) {
    private static final Pattern BREAKS = Pattern.compile("[^\\p{L}\\p{N}\\p{M}]+");

    private boolean agreesWith(Name other) {
      return (family.isEmpty()
              || other.family.isEmpty()
              || letters(family).equals(letters(other.family)))
          && (given.isEmpty()
              || other.given.isEmpty()
              || !Collections.disjoint(givenWords(), other.givenWords()));
    }

    private Set<String> givenWords() {
      // Mary-Ann, Mary Ann and MaryAnn are one
      return Stream.concat(
              given.stream().flatMap(BREAKS::splitAsStream), Stream.of(String.join("", given)))
          .map(Name::letters)
          .filter(word -> !word.isEmpty())
          .collect(Collectors.toSet());
    }

    private static String letters(String text) {
      return Normalizer.normalize(text, Normalizer.Form.NFD).replaceAll("[^\\p{L}\\p{N}]", "");
    }
  }

  /** Those of a Patient. */
  public static PersonFacts of(JsonNode patient) {
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
  public Set<List<String>> keys() {
    if (birthDate.isEmpty()) {
      return Set.of();
    }
    return names.stream()
        .filter(name -> !name.family().isEmpty() && !name.given().isEmpty())
        .map(name -> List.of(name.family(), name.given().get(0), birthDate, gender))
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Whether both cannot be of one person, by their identifiers or by all else. */
  public boolean contradicts(PersonFacts other) {
    return isAnother(other) || Identifier.contradict(identifiers, other.identifiers);
  }

  /**
   * Whether both cannot be of one person, whatever identifiers they have: a payer may give a member
   * new ones.
   */
  public boolean isAnother(PersonFacts other) {
    return isBornElse(other) || differ(gender, other.gender) || isNamedElse(other);
  }

  /**
   * Whether both name and birth date are another's: either alone may have changed, or be a slip.
   */
  public boolean isAnotherThroughout(PersonFacts other) {
    return isBornElse(other) && isNamedElse(other);
  }

  private boolean isBornElse(PersonFacts other) {
    return !birthDate.startsWith(other.birthDate) && !other.birthDate.startsWith(birthDate);
  }

  private boolean isNamedElse(PersonFacts other) {
    return !names.isEmpty()
        && !other.names.isEmpty()
        && names.stream().noneMatch(name -> other.names.stream().anyMatch(name::agreesWith));
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
