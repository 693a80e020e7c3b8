package org.payerexchange.split;

import java.util.LinkedHashMap;
import java.util.Map;
import org.payerexchange.payer.LiteralReference;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.PayerUrls;

/**
 * Reads the references of one payer's resources. The payer's own are {@code Patient/1}, the same
 * behind {@code /} or {@code ./}, with {@code /_history/2} or {@code #part} behind it, and below
 * the base URL, under the payer's own host or an alias. The same path on another host, or another
 * path on that host, names another resource. Not thread-safe.
 */
final class Links {
  /** No reference that names anything is longer, in characters. */
  static final int LONGEST = 2_048;

  private static final String URN = "urn:uuid:";
  private static final int MOST_PREFIXES = 100;

  private final Payer payer;
  private final Map<String, Boolean> prefixes =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
          return size() > MOST_PREFIXES;
        }
      };

  /** For the resources of a payer. */
  Links(Payer payer) {
    this.payer = payer;
  }

  /** Reads the text of a reference. */
  Link of(String text) {
    int slash = text.indexOf('/');
    if (slash > 0 && isType(text, 0, slash) && isPlainId(text, slash + 1)) {
      return new Link(Link.Kind.OURS, text.substring(0, slash), text.substring(slash + 1));
    }
    String reference = LiteralReference.trimmed(text);
    if (reference.startsWith("#")) {
      return Link.INSIDE;
    }
    if (reference.length() > LONGEST) {
      return Link.UNKNOWN;
    }
    if (reference.regionMatches(true, 0, URN, 0, URN.length())) {
      return new Link(Link.Kind.UNTYPED, "", reference.substring(URN.length()));
    }
    int query = reference.indexOf('?');
    return LiteralReference.of(reference)
        .map(this::literal)
        .orElseGet(() -> query < 0 ? Link.UNKNOWN : described(reference.substring(0, query)));
  }

  /** {@code Practitioner?identifier=…}: of which type it is can be told, and no more. */
  private static Link described(String path) {
    String type = path.substring(path.lastIndexOf('/') + 1);
    return LiteralReference.isType(type) ? new Link(Link.Kind.ELSEWHERE, type, "") : Link.UNKNOWN;
  }

  private Link literal(LiteralReference named) {
    return isOurs(named.prefix())
        ? new Link(Link.Kind.OURS, named.type(), named.id())
        : new Link(Link.Kind.ELSEWHERE, named.type(), "");
  }

  private boolean isOurs(String prefix) {
    return switch (prefix) {
      case "", "/", "./" -> true;
      default -> prefixes.computeIfAbsent(prefix, each -> PayerUrls.isBase(payer, each));
    };
  }

  private static boolean isType(String text, int from, int end) {
    for (int at = from; at < end; at++) {
      char c = text.charAt(at);
      if ((c < 'A' || c > 'Z') && (at == from || c < 'a' || c > 'z')) {
        return false;
      }
    }
    return from < end;
  }

  /** Whether the rest is an id as FHIR has them. */
  private static boolean isPlainId(String text, int from) {
    for (int at = from; at < text.length(); at++) {
      char c = text.charAt(at);
      if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '-' || c > '9' || c == '/')) {
        return false;
      }
    }
    return from < text.length() && text.length() <= LONGEST;
  }
}
