package org.payerexchange.files;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.PayerUrls;
import org.payerexchange.step.TransferException;

/** What the Binaries are called that attachments become. */
public final class BinaryIds {
  private static final Pattern BINARY_URL =
      Pattern.compile(".*/Binary/([A-Za-z0-9.-]{1,64})(/_history/[^/?]*)?(\\?.*)?");
  private static final int DIGITS = 40;

  private BinaryIds() {}

  /**
   * The id of a Binary of the payer's own where the URL names one, else one that is made of the
   * URL, whatever the parameters of its signature: what has the same id at another server is
   * another Binary.
   *
   * @param url the attachment's, absolute
   */
  public static String of(Payer payer, String url) {
    Matcher binary = BINARY_URL.matcher(url);
    return binary.matches() && isOwn(payer, url)
        ? binary.group(1)
        : FileHash.sha256(PayerUrls.unsigned(url)).substring(0, DIGITS);
  }

  private static boolean isOwn(Payer payer, String url) {
    try {
      return PayerUrls.isOwn(payer, PayerUrls.resolve(payer, url));
    } catch (TransferException foreign) {
      return false;
    }
  }
}
