package org.payerexchange.delivery.fhir;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.PayerUrls;
import org.payerexchange.step.TransferException;

/**
 * What a link in a payer's file means: the {@code reference} of a FHIR Reference, the {@code url}
 * of an Attachment or of a deleted resource.
 *
 * @param kind how it is treated
 * @param type the target's resource type, of {@link Kind#OWN} and {@link Kind#SEARCHED} only
 * @param id the target's id at the payer, of {@link Kind#OWN} and {@link Kind#UNTYPED}; the
 *     identifier's value, of {@link Kind#SEARCHED}
 * @param system the identifier's system, of {@link Kind#SEARCHED} only, null where none is named
 * @param exact whether it names the resource itself, and no version or part of it
 */
record SourceReference(Kind kind, String type, String id, String system, boolean exact) {
  private static final String TYPE = "(?<type>[A-Z][A-Za-z]{1,63})";
  private static final Pattern LITERAL =
      Pattern.compile(
          "(?<path>[^?#]*/)?"
              + TYPE
              + "/(?<id>(?![_$])[^/?#\\s\\p{Cntrl}]+)"
              + "(?<part>/_history/[^/?#]+|/_history)?/?(?<fragment>#.*)?");
  private static final Pattern AT_BASE = Pattern.compile("null|\\.?/");
  private static final Pattern SEARCH =
      Pattern.compile("(?:[^?#]*/)?" + TYPE + "\\?identifier=(?<token>[^&#]+)");
  private static final Pattern TOKEN =
      Pattern.compile("(?:(?<system>[^|]*)\\|)?(?<value>[^|,\\\\]+)");
  private static final Pattern UUID =
      Pattern.compile("urn:(?:uuid|oid):(?<id>[A-Za-z0-9.-]+)", Pattern.CASE_INSENSITIVE);
  private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:.*|//.*");

  private static final Pattern RELATIVE =
      Pattern.compile("(?!#|//|[A-Za-z][A-Za-z0-9+.-]*:).+", Pattern.DOTALL);

  private static final SourceReference INSIDE = of(Kind.INSIDE);
  private static final SourceReference ELSEWHERE = of(Kind.ELSEWHERE);
  private static final SourceReference UNUSABLE = of(Kind.UNUSABLE);

  /** How a link is treated. */
  enum Kind {
    /** A resource of the payer's, relative or by its URL there: rewritten to its stable id. */
    OWN,
    /** A resource of the payer's by its id alone ({@code urn:uuid:}). */
    UNTYPED,
    /** Whatever has an identifier ({@code Practitioner?identifier=system|value}). */
    SEARCHED,
    /** A contained resource ({@code #x}): kept. */
    INSIDE,
    /** A URL of another server: kept. */
    ELSEWHERE,
    /**
     * Names nothing that could be followed, or something of the FHIR server's own: kept as an
     * identifier.
     */
    UNUSABLE
  }

  private static SourceReference of(Kind kind) {
    return new SourceReference(kind, null, null, null, false);
  }

  /**
   * Reads a link.
   *
   * @param link as it stands in the file
   * @param payer whose file it is
   * @param server where the file goes
   */
  static SourceReference of(String link, Payer payer, ServerBase server) {
    String reference = trimmed(link);
    if (reference.startsWith("#")) {
      return INSIDE;
    }
    if (isHttp(reference)) {
      return absolute(reference, payer, server);
    }
    return reference.indexOf(':') >= 0 || reference.startsWith("//")
        ? withScheme(reference)
        : read(reference, false, UNUSABLE);
  }

  /** Whether a link is neither absolute nor one of a contained resource. */
  static boolean isRelative(String link) {
    return RELATIVE.matcher(trimmed(link)).matches();
  }

  private static SourceReference withScheme(String reference) {
    Matcher uuid = UUID.matcher(reference);
    if (uuid.matches()) {
      return new SourceReference(Kind.UNTYPED, null, uuid.group("id"), null, false);
    }
    return SCHEME.matcher(reference).matches() ? UNUSABLE : read(reference, false, UNUSABLE);
  }

  private static SourceReference absolute(String reference, Payer payer, ServerBase server) {
    if (server.covers(reference)) {
      return UNUSABLE;
    }
    try {
      PayerUrls.resolve(payer, reference);
    } catch (TransferException foreign) {
      return ELSEWHERE;
    }
    return read(reference, true, ELSEWHERE);
  }

  private static SourceReference read(
      String reference, boolean absolute, SourceReference otherwise) {
    Matcher literal = LITERAL.matcher(reference);
    if (literal.matches()) {
      boolean whole =
          literal.group("part") == null
              && literal.group("fragment") == null
              && (absolute || AT_BASE.matcher(String.valueOf(literal.group("path"))).matches());
      return new SourceReference(Kind.OWN, literal.group("type"), literal.group("id"), null, whole);
    }
    Matcher search = SEARCH.matcher(reference);
    return search.matches() ? searched(search.group("type"), search.group("token")) : otherwise;
  }

  private static SourceReference searched(String type, String encoded) {
    try {
      Matcher token =
          TOKEN.matcher(URLDecoder.decode(encoded.replace("+", "%2B"), StandardCharsets.UTF_8));
      if (token.matches() && !OwnSystems.isOne(token.group("system"))) {
        String system = token.group("system");
        return new SourceReference(
            Kind.SEARCHED,
            type,
            token.group("value"),
            system == null || system.isEmpty() ? null : system,
            false);
      }
    } catch (IllegalArgumentException notEncoded) {
      return UNUSABLE;
    }
    return UNUSABLE;
  }

  private static boolean isHttp(String reference) {
    return reference.regionMatches(true, 0, "http://", 0, 7)
        || reference.regionMatches(true, 0, "https://", 0, 8);
  }

  /** Without blanks around, those of Unicode as well. */
  private static String trimmed(String text) {
    int start = 0;
    int end = text.length();
    while (start < end && isBlank(text.charAt(start))) {
      start++;
    }
    while (end > start && isBlank(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(start, end);
  }

  private static boolean isBlank(char c) {
    return c <= ' '
        || Character.isSpaceChar(c)
        || Character.isWhitespace(c)
        || c == '\u200B'
        || c == '\uFEFF';
  }

  /** The kind and the type: an id may be PHI. */
  @Override
  public String toString() {
    return kind + " " + type;
  }
}
