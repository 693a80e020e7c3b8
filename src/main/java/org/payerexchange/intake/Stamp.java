package org.payerexchange.intake;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;

/**
 * How a file looks from outside. A file whose stamp is still the same has neither been written to
 * nor replaced.
 *
 * @param bytes its size
 * @param modified when it was written to last, by whatever clock
 * @param key which file it is, whatever its name; null where the file system does not tell
 */
record Stamp(long bytes, FileTime modified, Object key) {

  static Stamp of(BasicFileAttributes attributes) {
    return new Stamp(attributes.size(), attributes.lastModifiedTime(), attributes.fileKey());
  }

  /** The stamp of what lies at this path, a link itself if it is one. */
  static Stamp of(Path path) throws IOException {
    return of(Files.readAttributes(path, BasicFileAttributes.class, NOFOLLOW_LINKS));
  }

  /** Whether the content is still the same, though the file may have been moved. */
  boolean sameContent(Stamp other) {
    return bytes == other.bytes && Objects.equals(modified, other.modified);
  }
}
