package org.payerexchange.download;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.payerexchange.files.AtomicFiles;
import org.payerexchange.files.PrivateFiles;

/**
 * What a lease writes. It is <em>parked</em>, and may be gone on with by the next lease, once a
 * note lies beside it that says what it is a part of; nobody writes to a parked file. Without a
 * note it is the leftover of a lease that died.
 */
record PartialFile(Path path, long token) {
  private static final Pattern REST = Pattern.compile("(\\d{1,18})\\.part(?:\\.note)?");

  static PartialFile of(Path folder, String name, long token) {
    return new PartialFile(AtomicFiles.unfinished(folder.resolve(name), token), token);
  }

  /**
   * Opens what the last attempt left of a file, under the name of the lease that goes on with it;
   * the rest of what attempts have left is deleted.
   *
   * @param token the lease's token
   * @throws IOException if the folder cannot be used
   */
  static PartialFile takeOver(Path folder, String name, long token) throws IOException {
    PartialFile mine = of(folder, name, token);
    for (PartialFile left : leftBefore(folder, name, token)) {
      if (left.isParked() && !mine.exists()) {
        left.moveTo(mine);
      } else {
        left.delete();
      }
    }
    return mine;
  }

  private static List<PartialFile> leftBefore(Path folder, String name, long token)
      throws IOException {
    List<PartialFile> left = new ArrayList<>();
    String prefix = AtomicFiles.prefix(name);
    try (DirectoryStream<Path> entries =
        Files.newDirectoryStream(
            folder, entry -> entry.getFileName().toString().startsWith(prefix))) {
      for (Path entry : entries) {
        parse(entry, name).filter(part -> part.token() < token).ifPresent(left::add);
      }
    }
    left.sort(Comparator.comparing(PartialFile::token).reversed());
    return left;
  }

  private static Optional<PartialFile> parse(Path entry, String name) {
    String rest = entry.getFileName().toString().substring(AtomicFiles.prefix(name).length());
    Matcher matcher = REST.matcher(rest);
    return matcher.matches()
        ? Optional.of(of(entry.getParent(), name, Long.parseLong(matcher.group(1))))
        : Optional.empty();
  }

  /**
   * What a parked file is a part of.
   *
   * @param validator the strong ETag or the Last-Modified date of the whole, empty if the payer
   *     sent none
   * @param total the size of the whole, -1 if it is not known
   * @param ranges whether the payer says that it serves parts
   * @param source the hash of the URL that it came from, empty if it is not known
   * @param took how long it took to receive the part
   * @param had how many bytes had come when the file lost its last link
   */
  record Note(
      String validator, long total, boolean ranges, String source, Duration took, long had) {
    private static final Pattern TEXT =
        Pattern.compile(
            "(-?\\d{1,18})\n(.*)\n(?:([0-9a-f]{64})\n(?:(\\d{1,18})\n(?:(\\d{1,18})\n)?)?)?");

    /** Empty for a note whose writing was cut short. */
    static Optional<Note> parse(String text) {
      Matcher matcher = TEXT.matcher(text);
      return matcher.matches()
          ? Optional.of(
              new Note(
                  matcher.group(2),
                  Long.parseLong(matcher.group(1)),
                  true,
                  Objects.requireNonNullElse(matcher.group(3), ""),
                  Duration.ofMillis(number(matcher.group(4))),
                  number(matcher.group(5))))
          : Optional.empty();
    }

    private static long number(String group) {
      return group == null ? 0 : Long.parseLong(group);
    }

    String text() {
      return "%s\n%s\n%s\n%s\n%s\n".formatted(total, validator, source, took.toMillis(), had);
    }

    Note after(Duration time) {
      return new Note(validator, total, ranges, source, time, had);
    }

    private Note having(long bytes) {
      return new Note(validator, total, ranges, source, took, bytes);
    }

    /** Whether the part can be gone on with and be told from a part of something else. */
    boolean resumable() {
      return !validator.isEmpty() || (ranges && total >= 0);
    }

    /**
     * Whether what is behind a URL may be the same: one export's file can look like another's, and
     * two files can be of one second.
     */
    boolean mayBeOf(String otherSource) {
      return validator.startsWith("\"") || source.equals(otherSource);
    }
  }

  FileChannel open() throws IOException {
    return PrivateFiles.open(path);
  }

  boolean exists() {
    return Files.exists(path);
  }

  long size() throws IOException {
    return Files.size(path);
  }

  boolean isParked() throws IOException {
    return parked().isPresent();
  }

  /** What it is a part of, if it is parked. */
  Optional<Note> parked() throws IOException {
    return exists() && Files.exists(notePath())
        ? Note.parse(Files.readString(notePath()))
        : Optional.empty();
  }

  void park(Note note) throws IOException {
    try (FileChannel to = PrivateFiles.create(notePath())) {
      to.write(StandardCharsets.UTF_8.encode(note.text()));
    }
  }

  /** What it was a part of, if it was parked; from here on it is written to. */
  Optional<Note> unpark() throws IOException {
    Optional<Note> note = parked();
    Files.deleteIfExists(notePath());
    return note;
  }

  /**
   * Whether more of the file has come than when it lost its last link; not at its first loss, nor
   * once a payer has had it begun anew. What has come is noted, for it loses its link now.
   */
  boolean hasGrown() throws IOException {
    Optional<Note> note = parked();
    if (note.isEmpty() || size() <= note.get().had()) {
      return false;
    }
    park(note.get().having(size()));
    return note.get().had() > 0;
  }

  void moveTo(PartialFile other) throws IOException {
    AtomicFiles.move(path, other.path);
    AtomicFiles.move(notePath(), other.notePath());
  }

  void delete() throws IOException {
    Files.deleteIfExists(path);
    Files.deleteIfExists(notePath());
  }

  private Path notePath() {
    return path.resolveSibling(path.getFileName() + ".note");
  }
}
