package org.payerexchange.delivery.fhir;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.PayerUrls;
import org.payerexchange.payer.TransferException;

/**
 * What the {@code reference} of a FHIR Reference means in a payer's file.
 *
 * @param kind how it is treated
 * @param type the target's resource type, of {@link Kind#OWN} only
 * @param id the target's id at the payer, of {@link Kind#OWN} only
 */
record SourceReference(Kind kind, String type, String id) {
  private static final Pattern LITERAL =
      Pattern.compile("([A-Z][A-Za-z]{1,63})/([^/?#\\s]+)(?:/_history/[^/?#\\s]+)?");
  private static final Pattern AT_END = Pattern.compile("^[^?#]*/(?=" + LITERAL.pattern() + "$)");

  private static final SourceReference INSIDE = new SourceReference(Kind.INSIDE, null, null);
  private static final SourceReference ELSEWHERE = new SourceReference(Kind.ELSEWHERE, null, null);
  private static final SourceReference UNUSABLE = new SourceReference(Kind.UNUSABLE, null, null);

  /** How a reference is treated. */
  enum Kind {
    /** A resource of the payer's, relative or by its URL there: rewritten to its stable id. */
    OWN,
    /** A contained resource ({@code #x}): kept. */
    INSIDE,
    /** A URL of another server: kept. */
    ELSEWHERE,
    /**
     * Names nothing that could be followed from outside its Bundle ({@code urn:uuid:}, a search):
     * kept as an identifier.
     */
    UNUSABLE
  }

  static SourceReference of(String reference, Payer payer) {
    if (reference.startsWith("#")) {
      return INSIDE;
    }
    if (!isHttp(reference)) {
      return literal(reference);
    }
    try {
      PayerUrls.resolve(payer, reference);
    } catch (TransferException foreign) {
      return ELSEWHERE;
    }
    Matcher base = AT_END.matcher(reference);
    return base.find() ? literal(reference.substring(base.end())) : ELSEWHERE;
  }

  private static SourceReference literal(String reference) {
    Matcher literal = LITERAL.matcher(reference);
    return literal.matches()
        ? new SourceReference(Kind.OWN, literal.group(1), literal.group(2))
        : UNUSABLE;
  }

  private static boolean isHttp(String reference) {
    return reference.regionMatches(true, 0, "http://", 0, 7)
        || reference.regionMatches(true, 0, "https://", 0, 8);
  }
}
