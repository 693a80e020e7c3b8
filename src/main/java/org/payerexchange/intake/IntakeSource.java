package org.payerexchange.intake;

/**
 * Where records come from.
 *
 * @param name the file's name relative to the inbox, {@code jms:} and the message id, {@code http},
 *     or {@code http:} and the name of the key that the request came with
 * @param payer the payer that the source names: the inbox folder, a message's or a request's {@code
 *     payer}; or null
 * @param requestId the request id that the message or the request gives, for its one record if that
 *     gives none itself; or null
 */
public record IntakeSource(String name, String payer, String requestId) {

  /** What is blank is not given, and a name can be printed. */
  static IntakeSource of(String name, String payer, String requestId) {
    return new IntakeSource(Printable.text(name), blankToNull(payer), blankToNull(requestId));
  }

  /** As fields of records are read, so that an id is the same wherever it stands. */
  private static String blankToNull(String text) {
    String stripped = text == null ? "" : Blanks.strip(text);
    return stripped.isEmpty() ? null : stripped;
  }
}
