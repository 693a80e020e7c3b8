package org.payerexchange.payer;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The query of a URL that carries its own permission, as object stores and content networks sign
 * it. What belongs to the signature changes each time that a URL is signed; all else may tell one
 * file from another.
 */
final class SignedQuery {
  private static final Predicate<String> SIGNATURE =
      named(
          "sig|[a-z-]*signature|x-[a-z]+-credential|googleaccessid|[a-z]*accesskeyid|key-pair-id");

  /** Amazon S3 and CloudFront, Google, and stores that sign as they do. */
  private static final Predicate<String> OF_SIGNATURE =
      SIGNATURE.or(
          named(
              "x-(amz|goog)-.*"
                  + "|x-[a-z]+-(algorithm|date|expires|security-token|signature-version|signedheaders)"
                  + "|q-(sign-algorithm|ak|sign-time|key-time|header-list|url-param-list)"
                  + "|expires|policy|hash-algorithm|security-token"));

  /** Azure's names are short: they are no signature's where there is no {@code sig}. */
  private static final Predicate<String> OF_AZURE =
      named(
          "sv|ss|srt|sr|sp|st|se|spr|sip|si|sdd|ses|skoid|sktid|skt|ske|sks|skv|skdutid|saoid|suoid|scid");

  private SignedQuery() {}

  private static Predicate<String> named(String names) {
    return Pattern.compile(names).asMatchPredicate();
  }

  /** Whether there is a signature in it. */
  static boolean isSigned(String query) {
    return query != null
        && Arrays.stream(query.split("&")).map(SignedQuery::name).anyMatch(SIGNATURE);
  }

  /** What of it does not belong to its signature, in the same order. */
  static String unsigned(String query) {
    boolean azure = Arrays.stream(query.split("&")).map(SignedQuery::name).anyMatch("sig"::equals);
    Predicate<String> drops = azure ? OF_SIGNATURE.or(OF_AZURE) : OF_SIGNATURE;
    return Arrays.stream(query.split("&"))
        .filter(parameter -> !drops.test(name(parameter)))
        .collect(Collectors.joining("&"));
  }

  private static String name(String parameter) {
    return parameter.split("=", 2)[0].toLowerCase(Locale.ROOT);
  }
}
