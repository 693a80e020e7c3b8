package org.payerexchange.intake;

/** A JMS message as it came: its records, or why its body is not read. It holds PHI. */
public final class ReceivedMessage {
  private final IntakeSource source;
  private final String type;
  private final Object original;
  private final byte[] records;
  private final IntakeRefusal refusal;

  private ReceivedMessage(
      IntakeSource source, String type, Object original, byte[] records, IntakeRefusal refusal) {
    this.source = source;
    this.type = type;
    this.original = original;
    this.records = records;
    this.refusal = refusal;
  }

  static ReceivedMessage readable(
      IntakeSource source, String type, Object original, byte[] records) {
    return new ReceivedMessage(source, type, original, records, null);
  }

  static ReceivedMessage refused(
      IntakeSource source, String type, Object original, IntakeRefusal refusal) {
    return new ReceivedMessage(source, type, original, null, refusal);
  }

  /** Its id, and the payer and the request id that its properties name. */
  IntakeSource source() {
    return source;
  }

  /** The JMS name of its type: {@code TextMessage}. */
  String type() {
    return type;
  }

  /** Its body, whole: text, bytes, or a stream of bytes that can be read once. */
  Object original() {
    return original;
  }

  /** Its records in UTF-8; bytes and no stream, since a step that failed reads them again. */
  byte[] records() {
    if (refusal != null) {
      throw refusal;
    }
    return records;
  }

  /** No content: it is PHI. */
  @Override
  public String toString() {
    return "ReceivedMessage[%s, %s]".formatted(source.name(), type);
  }
}
