package org.payerexchange.delivery.fhir;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.payerexchange.payer.LiteralReference;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.PayerUrls;
import org.payerexchange.step.TransferException;

/**
 * What a link in a payer's file means: the {@code reference} of a FHIR Reference, the {@code url}
 * of an Attachment or of a deleted resource.
 *
 * @param kind how it is treated
 * @param type the target's resource type, of {@link Kind#OWN}, {@link Kind#TRUSTED} and {@link
 *     Kind#SEARCHED} only
 * @param id the target's id at its server, of {@link Kind#OWN}, {@link Kind#TRUSTED} and {@link
 *     Kind#UNTYPED}; the identifier's value, of {@link Kind#SEARCHED}
 * @param system the identifier's system, of {@link Kind#SEARCHED} only, null where none is named
 * @param exact whether it names the resource itself, and no version or part of it, at the payer's
 *     base URL
 */
record SourceReference(Kind kind, String type, String id, String system, boolean exact) {
  private static final Set<String> AT_BASE = Set.of("", "/", "./");
  private static final Pattern SEARCH =
      Pattern.compile("(?:[^?#]*/)?(?<type>[A-Z][A-Za-z]{1,63})\\?identifier=(?<token>[^&#]+)");
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
    /**
     * A resource of the payer's, relative or by its URL on its own host or an alias: rewritten to
     * its stable id.
     */
    OWN,
    /** A resource of a server that files may come from: kept, but for a Binary that came along. */
    TRUSTED,
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

  private static SourceReference of(Kind kind, LiteralReference named, boolean exact) {
    return new SourceReference(kind, named.type(), named.id(), null, exact);
  }

  /**
   * Reads a link.
   *
   * @param link as it stands in the file
   * @param payer whose file it is
   * @param server where the file goes
   */
  static SourceReference of(String link, Payer payer, ServerBase server) {
    String reference = LiteralReference.trimmed(link);
    if (reference.startsWith("#")) {
      return INSIDE;
    }
    if (isHttp(reference)) {
      return absolute(reference, payer, server);
    }
    return reference.indexOf(':') >= 0 || reference.startsWith("//")
        ? withScheme(reference)
        : relative(reference);
  }

  /** Whether a link is neither absolute nor one of a contained resource. */
  static boolean isRelative(String link) {
    return RELATIVE.matcher(LiteralReference.trimmed(link)).matches();
  }

  private static SourceReference withScheme(String reference) {
    Matcher uuid = UUID.matcher(reference);
    if (uuid.matches()) {
      return new SourceReference(Kind.UNTYPED, null, uuid.group("id"), null, false);
    }
    return SCHEME.matcher(reference).matches() ? UNUSABLE : relative(reference);
  }

  private static SourceReference absolute(String reference, Payer payer, ServerBase server) {
    if (server.covers(reference)) {
      return UNUSABLE;
    }
    URI called;
    try {
      called = PayerUrls.resolve(payer, reference);
    } catch (TransferException foreign) {
      return ELSEWHERE;
    }
    Optional<LiteralReference> literal = LiteralReference.of(reference);
    if (!PayerUrls.isOwn(payer, called)) {
      return literal.map(named -> of(Kind.TRUSTED, named, false)).orElse(ELSEWHERE);
    }
    return literal
        .map(named -> of(Kind.OWN, named, named.whole() && PayerUrls.isBase(payer, named.prefix())))
        .orElseGet(() -> search(reference, ELSEWHERE));
  }

  private static SourceReference relative(String reference) {
    return LiteralReference.of(reference)
        .map(named -> of(Kind.OWN, named, named.whole() && AT_BASE.contains(named.prefix())))
        .orElseGet(() -> search(reference, UNUSABLE));
  }

  private static SourceReference search(String reference, SourceReference otherwise) {
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

  /** The kind and the type: an id may be PHI. */
  @Override
  public String toString() {
    return kind + " " + type;
  }
}
