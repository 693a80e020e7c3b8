package org.payerexchange.intake;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The values of FHIR R4's primitive types in JSON, by the patterns of its page on data types; HAPI
 * takes more, such as times without seconds.
 */
final class FhirPrimitive {
  /** Why a text is no {@code dateTime}. */
  static final String NO_DATE_TIME =
      "is not a FHIR date: YYYY, YYYY-MM, YYYY-MM-DD, or a time with seconds and zone";

  private static final Set<String> INTEGERS = Set.of("integer", "unsignedInt", "positiveInt");
  private static final Pattern NO_CODE = Pattern.compile("^\\s|\\s\\z|\\s\\s");
  private static final Map<String, Pattern> PATTERNS =
      Map.of(
          "id", Pattern.compile("[A-Za-z0-9.-]{1,64}"),
          "uri", Pattern.compile("\\S+"),
          "url", Pattern.compile("\\S+"),
          "canonical", Pattern.compile("\\S+"),
          "oid", Pattern.compile("urn:oid:[0-2][.0-9]+"),
          "uuid", Pattern.compile("urn:uuid:[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}"),
          "base64Binary", Pattern.compile("[0-9A-Za-z+/=\\s]+"),
          "time", Pattern.compile("([01]\\d|2[0-3]):[0-5]\\d:([0-5]\\d|60)(\\.\\d+)?"));

  private FhirPrimitive() {}

  /** Why a value is not legal for a type, without the value. */
  static Optional<String> problem(String type, JsonNode value) {
    if (type.equals("boolean")) {
      return when(!value.isBoolean(), "is not true or false");
    }
    if (type.equals("decimal")) {
      return when(!value.isNumber(), "is not a number");
    }
    if (INTEGERS.contains(type)) {
      return when(!isInteger(type, value), "is not a whole number in its range");
    }
    if (!value.isTextual()) {
      return Optional.of("is not text");
    }
    String text = value.asText();
    if (text.isEmpty()) {
      return Optional.of("is empty");
    }
    if (hasHalfACharacter(text)) {
      return Optional.of("holds half a character");
    }
    return text(type, text);
  }

  /** Whether FHIR takes the text as an id. */
  static boolean isId(String text) {
    return PATTERNS.get("id").matcher(text).matches();
  }

  private static Optional<String> text(String type, String text) {
    return switch (type) {
      case "code" -> when(NO_CODE.matcher(text).find(), "is not a code");
      case "date" ->
          when(
              text.length() > FhirDate.DAY || FhirDate.of(text).isEmpty(),
              "is not a date of the calendar, written YYYY-MM-DD");
      case "dateTime" -> when(FhirDate.of(text).isEmpty(), NO_DATE_TIME);
      case "instant" ->
          when(
              text.length() <= FhirDate.DAY || FhirDate.of(text).isEmpty(),
              "is not a time with seconds and zone");
      default ->
          when(
              PATTERNS.containsKey(type) && !PATTERNS.get(type).matcher(text).matches(),
              "is not a FHIR " + type);
    };
  }

  private static boolean isInteger(String type, JsonNode value) {
    if (!value.isIntegralNumber()) {
      return false;
    }
    try {
      int number = Integer.parseInt(value.asText());
      return type.equals("integer") || number >= (type.equals("positiveInt") ? 1 : 0);
    } catch (NumberFormatException e) {
      return false;
    }
  }

  /** A surrogate without its other half, which no encoding can write. */
  static boolean hasHalfACharacter(String text) {
    for (int i = 0; i < text.length(); i++) {
      char unit = text.charAt(i);
      if (Character.isHighSurrogate(unit)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(unit)) {
        return true;
      }
    }
    return false;
  }

  private static Optional<String> when(boolean wrong, String why) {
    return wrong ? Optional.of(why) : Optional.empty();
  }
}
