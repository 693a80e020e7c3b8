package org.payerexchange.intake;

import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;

/** An input that knows how far it was read, and whether its end was met. */
final class RecordInput extends PushbackInputStream {
  private long position;
  private boolean endMet;

  /**
   * An input.
   *
   * @param pushback how many bytes may be given back
   */
  RecordInput(InputStream input, int pushback) {
    super(input, pushback);
  }

  /** How many bytes lie before the next one. */
  long position() {
    return position;
  }

  /** Whether the end was met since the last question. */
  boolean takeEndMet() {
    boolean met = endMet;
    endMet = false;
    return met;
  }

  @Override
  public int read() throws IOException {
    int unit = super.read();
    if (unit < 0) {
      endMet = true;
    } else {
      position++;
    }
    return unit;
  }

  @Override
  public int read(byte[] bytes, int from, int length) throws IOException {
    int count = super.read(bytes, from, length);
    if (count < 0) {
      endMet = true;
    } else {
      position += count;
    }
    return count;
  }

  @Override
  public void unread(int unit) throws IOException {
    super.unread(unit);
    position--;
  }

  @Override
  public void unread(byte[] bytes, int from, int length) throws IOException {
    super.unread(bytes, from, length);
    position -= length;
  }
}
