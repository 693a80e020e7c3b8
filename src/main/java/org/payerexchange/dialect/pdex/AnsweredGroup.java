package org.payerexchange.dialect.pdex;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.payerexchange.dialect.MatchKind;
import org.payerexchange.dialect.member.FhirJson;
import org.payerexchange.dialect.member.MemberId;
import org.payerexchange.dialect.member.PersonFacts;

/**
 * A Group that a match answered (PDex 2.2, "PDex Member-Match Group").
 *
 * @param id the payer's; empty if it has none that can stand in a path
 * @param bucket what the payer says of its members
 */
record AnsweredGroup(String id, MatchKind bucket, List<AnsweredMember> members) {
  private static final String EXTENSION =
      "http://hl7.org/fhir/us/davinci-pdex/StructureDefinition/base-ext-match-";
  private static final Pattern PATIENT =
      Pattern.compile("(.*/)?Patient/([^/]+)(?:/_history/[^/]+)?");

  /** Keeps a copy. */
  AnsweredGroup {
    members = List.copyOf(members);
  }

  /**
   * Reads one.
   *
   * @param named what the parameter's name says; it goes before the code, but nobody is matched
   *     whose Group's code says otherwise
   * @param isOwn whether a URL, up to a resource's type, is where the payer has its resources:
   *     another server's Patient is another person, whatever its id
   */
  static AnsweredGroup of(JsonNode group, Optional<MatchKind> named, Predicate<String> isOwn) {
    Contained<PersonFacts> people = new Contained<>(group, "Patient", PersonFacts::of);
    Contained<CoverageFacts> coverages = new Contained<>(group, "Coverage", CoverageFacts::of);
    String id = FhirJson.text(group, "id");
    return new AnsweredGroup(
        FhirJson.isId(id) ? id : "",
        bucket(coded(group.path("code")), named),
        FhirJson.items(group.path("member"))
            .map(
                member ->
                    member(member, people, coverages, group.path("member").size() == 1, isOwn))
            .toList());
  }

  /** Codes that contradict each other say nothing. */
  private static MatchKind coded(JsonNode code) {
    Set<MatchKind> kinds = MatchKind.coded(code);
    return kinds.size() == 1 ? kinds.iterator().next() : MatchKind.UNSAID;
  }

  private static MatchKind bucket(MatchKind coded, Optional<MatchKind> named) {
    boolean contradiction =
        named.filter(name -> name == MatchKind.MATCHED).isPresent()
            && coded != MatchKind.MATCHED
            && coded != MatchKind.UNSAID;
    return contradiction ? MatchKind.UNSAID : named.orElse(coded);
  }

  private static AnsweredMember member(
      JsonNode member,
      Contained<PersonFacts> people,
      Contained<CoverageFacts> coverages,
      boolean alone,
      Predicate<String> isOwn) {
    JsonNode entity = member.path("entity");
    String reference = FhirJson.text(entity, "reference");
    Set<String> parameters = extensions(entity, "parameters");
    Set<String> coverage = extensions(entity, "coverage");
    String target = target(reference);
    boolean isOfTheRequest = reference.startsWith("#") || MemberId.isOurs(target);
    String requested =
        parameters.isEmpty() && isOfTheRequest
            ? target
            : parameters.stream().findFirst().orElse("");
    String covered = coverage.stream().findFirst().orElse("");
    return new AnsweredMember(
        requested,
        people.get(requested, alone).orElse(PersonFacts.NONE),
        coverages.get(covered, alone).orElse(CoverageFacts.NONE),
        isOfTheRequest || !isOwn(reference, isOwn) ? "" : target,
        parameters.size() <= 1
            && coverage.size() <= 1
            && !people.isDoubtful(requested)
            && !coverages.isDoubtful(covered)
            && !member.path("inactive").asBoolean());
  }

  private static Set<String> extensions(JsonNode entity, String name) {
    return FhirJson.items(entity.path("extension"))
        .filter(extension -> FhirJson.text(extension, "url").equals(EXTENSION + name))
        .map(extension -> FhirJson.text(extension.path("valueReference"), "reference"))
        .map(AnsweredGroup::target)
        .filter(target -> !target.isEmpty())
        .collect(Collectors.toSet());
  }

  /** The id of a contained resource or of a Patient; empty if the reference is to neither. */
  private static String target(String reference) {
    if (reference.startsWith("#")) {
      return reference.substring(1);
    }
    Matcher patient = PATIENT.matcher(reference);
    return patient.matches() && FhirJson.isId(patient.group(2)) ? patient.group(2) : "";
  }

  private static boolean isOwn(String reference, Predicate<String> isOwn) {
    Matcher patient = PATIENT.matcher(reference);
    return patient.matches() && (patient.group(1) == null || isOwn.test(patient.group(1)));
  }

  /** No content: it is PHI. */
  @Override
  public String toString() {
    return "AnsweredGroup[%s, %s members]".formatted(bucket, members.size());
  }

  /** The contained resources of a type; an id that two different ones have is of no use. */
  private static final class Contained<T> {
    private final Map<String, T> byId = new HashMap<>();
    private final Set<String> doubtful;

    Contained(JsonNode group, String type, Function<JsonNode, T> reader) {
      doubtful =
          FhirJson.items(group.path("contained"))
              .filter(each -> FhirJson.text(each, "resourceType").equals(type))
              .filter(each -> !FhirJson.text(each, "id").isEmpty())
              .filter(
                  each -> {
                    T facts = reader.apply(each);
                    T before = byId.putIfAbsent(FhirJson.text(each, "id"), facts);
                    return before != null && !before.equals(facts);
                  })
              .map(each -> FhirJson.text(each, "id"))
              .collect(Collectors.toSet());
    }

    /**
     * The one that an entry refers to.
     *
     * @param alone whether no other entry could: then the only one is meant, referred to or not
     */
    Optional<T> get(String id, boolean alone) {
      return alone && byId.size() == 1
          ? byId.values().stream().findFirst()
          : Optional.ofNullable(byId.get(id));
    }

    boolean isDoubtful(String id) {
      return doubtful.contains(id);
    }
  }
}
