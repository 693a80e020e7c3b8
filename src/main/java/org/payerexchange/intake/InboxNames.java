package org.payerexchange.intake;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import org.apache.camel.Exchange;
import org.apache.camel.Header;

/**
 * What becomes of the names of inbox files. A file system takes names of up to 255 bytes: what is
 * added to a long one takes the place of its end.
 */
public final class InboxNames {
  private static final int LONGEST_STEM = 200;
  private static final int LONGEST_EXTENSION = 20;
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmssSSS");

  private final Clock clock;

  /**
   * Names files.
   *
   * @param clock tells when a file was read, in this machine's time zone
   */
  public InboxNames(Clock clock) {
    this.clock = clock;
  }

  /** Where a file goes in {@code .done}: the same path, with the time before the extension. */
  public String done(@Header(Exchange.FILE_NAME) String path) {
    int nameAt = path.replace('\\', '/').lastIndexOf('/') + 1;
    String name = path.substring(nameAt);
    int dot = name.lastIndexOf('.');
    String extension =
        dot > 0 && name.length() - dot <= LONGEST_EXTENSION ? name.substring(dot) : "";
    String stem = name.substring(0, name.length() - extension.length());
    String time = TIME.format(clock.instant().atZone(ZoneId.systemDefault()));
    return path.substring(0, nameAt) + shortened(stem) + "-" + time + extension;
  }

  /** A name with room behind it for what is added. */
  static String shortened(String name) {
    int end = Math.min(name.length(), LONGEST_STEM);
    while (name.substring(0, end).getBytes(StandardCharsets.UTF_8).length > LONGEST_STEM) {
      end = name.offsetByCodePoints(end, -1);
    }
    return name.substring(0, end);
  }
}
