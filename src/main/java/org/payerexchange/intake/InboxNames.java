package org.payerexchange.intake;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What becomes of the names of inbox files. A file system takes names of up to 255 bytes: what is
 * added to a long one takes the place of its end.
 */
final class InboxNames {
  private static final int LONGEST_STEM = 200;
  private static final int LONGEST_EXTENSION = 20;
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmssSSS");

  private static final Pattern DONE =
      Pattern.compile("(?s).*-(\\d{8}T\\d{9})(-\\d+)?(\\.[^.]{1,19})?");

  private final Clock clock;

  /**
   * Names files.
   *
   * @param clock tells when a file was read, in this machine's time zone
   */
  InboxNames(Clock clock) {
    this.clock = clock;
  }

  /**
   * Where a file goes in {@code .done}: the same path, with the time before the extension.
   *
   * @param again from 2 on it is part of the name
   */
  String done(String path, int again) {
    int nameAt = path.lastIndexOf('/') + 1;
    String name = path.substring(nameAt);
    int dot = name.lastIndexOf('.');
    String extension =
        dot > 0 && name.length() - dot <= LONGEST_EXTENSION ? name.substring(dot) : "";
    String stem = name.substring(0, name.length() - extension.length());
    String time = TIME.format(clock.instant().atZone(ZoneId.systemDefault()));
    String folder = nameAt > 0 ? shortened(path.substring(0, nameAt - 1)) + "/" : "";
    String number = again > 1 ? "-" + again : "";
    return folder + shortened(stem) + "-" + time + number + extension;
  }

  /** When a file was read, by its name in {@code .done}; empty for a name of another form. */
  static Optional<Instant> doneAt(Path file) {
    Matcher name = DONE.matcher(file.getFileName().toString());
    try {
      return name.matches()
          ? Optional.of(
              LocalDateTime.parse(name.group(1), TIME).atZone(ZoneId.systemDefault()).toInstant())
          : Optional.empty();
    } catch (DateTimeParseException noTime) {
      return Optional.empty();
    }
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
