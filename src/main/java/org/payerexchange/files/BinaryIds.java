package org.payerexchange.files;

import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.payerexchange.payer.LiteralReference;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.PayerUrls;

/** What the Binaries are called that attachments become. */
public final class BinaryIds {
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9.-]{1,64}");
  private static final int DIGITS = 40;

  private BinaryIds() {}

  /**
   * The id of a Binary of the payer's own where the URL names it, by nothing but base URL, type and
   * id, else one that is made of the URL, whatever the parameters of its signature: what has the
   * same id elsewhere, or in another version, is another Binary.
   *
   * @param url the attachment's, absolute, without blanks around
   */
  public static String of(Payer payer, String url) {
    String unsigned = PayerUrls.unsigned(url);
    return LiteralReference.of(unsigned)
        .filter(named -> isOwn(payer, named))
        .map(LiteralReference::id)
        .orElseGet(() -> FileHash.sha256(unsigned).substring(0, DIGITS));
  }

  /**
   * The same of what was fetched from there. A URL with parameters, to which no document can lead
   * at a FHIR server, may be another each time: its content is named.
   */
  public static String of(Payer payer, String url, Path content) throws IOException {
    return PayerUrls.unsigned(url).indexOf('?') < 0
        ? of(payer, url)
        : FileHash.sha256(content).substring(0, DIGITS);
  }

  private static boolean isOwn(Payer payer, LiteralReference named) {
    return named.whole()
        && named.type().equals("Binary")
        && ID.matcher(named.id()).matches()
        && PayerUrls.isBase(payer, named.prefix());
  }
}
