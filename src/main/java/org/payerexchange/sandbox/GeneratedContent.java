package org.payerexchange.sandbox;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A file of any size that is never held: one resource, repeated with other ids, each line as long
 * as the next, so that any byte follows from its position. Costs little more than the copying.
 */
final class GeneratedContent implements Content {
  private static final String SERIAL = "000000000000";
  private static final String MARK = "\"id\":\"load-" + SERIAL + "\"";

  private final Template template;
  private final byte[] line;
  private final int serialAt;
  private final long firstSerial;
  private final long resources;

  /**
   * @param bytes about how long the file is to be
   * @param number of the file among those of its length; no two of them have an id in common
   */
  GeneratedContent(Template template, long bytes, long number) {
    this.template = template;
    this.line = template.line;
    this.serialAt = template.serialAt;
    this.resources = template.resources(bytes);
    this.firstSerial = number * resources;
  }

  /** The id that a resource must have to be repeated. */
  static String serialId() {
    return "load-" + SERIAL;
  }

  @Override
  public String resourceType() {
    return template.resourceType;
  }

  @Override
  public long resources() {
    return resources;
  }

  @Override
  public long length() {
    return resources * line.length;
  }

  @Override
  public byte[] read(long position, int size) {
    byte[] out = new byte[size];
    int written = 0;
    long number = position / line.length;
    int skip = (int) (position % line.length);
    byte[] partial = null;
    while (written < size) {
      int count = Math.min(line.length - skip, size - written);
      if (count == line.length) {
        System.arraycopy(line, 0, out, written, count);
        putSerial(out, written + serialAt, firstSerial + number);
      } else {
        partial = partial == null ? Arrays.copyOf(line, line.length) : partial;
        putSerial(partial, serialAt, firstSerial + number);
        System.arraycopy(partial, skip, out, written, count);
      }
      written += count;
      skip = 0;
      number++;
    }
    return out;
  }

  private static void putSerial(byte[] target, int at, long serial) {
    long rest = serial;
    for (int digit = at + SERIAL.length() - 1; digit >= at; digit--) {
      target[digit] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
  }

  /** The resource that is repeated, for any number of files. */
  static final class Template {
    private final String resourceType;
    private final byte[] line;
    private final int serialAt;

    /**
     * @param json a resource whose id is {@link GeneratedContent#serialId()}
     */
    Template(String resourceType, String json) {
      this.resourceType = resourceType;
      this.line = (json + "\n").getBytes(StandardCharsets.UTF_8);
      int mark = json.indexOf(MARK);
      if (mark < 0) {
        throw new IllegalArgumentException("The resource has no serial id");
      }
      // Up to its id a resource is plain ASCII, so characters are bytes.
      this.serialAt = mark + MARK.length() - SERIAL.length() - 1;
    }

    String resourceType() {
      return resourceType;
    }

    /** How many make a file of about so many bytes. */
    long resources(long bytes) {
      return Math.max(1, Math.round((double) bytes / line.length));
    }
  }
}
