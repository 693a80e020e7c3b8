package org.payerexchange.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What a file system says of a file as long as nobody changes it: which file it is, and when it and
 * its content were changed last. Any change makes another stamp; another stamp need not be another
 * content.
 */
final class FileStamp {
  private FileStamp() {}

  /**
   * A file's stamp.
   *
   * @throws IOException if there is no such file
   */
  static String of(Path file) throws IOException {
    boolean unix = file.getFileSystem().supportedFileAttributeViews().contains("unix");
    Map<String, Object> now =
        Files.readAttributes(
            file, unix ? "unix:ino,lastModifiedTime,ctime" : "fileKey,lastModifiedTime");
    return "%s %s %s"
        .formatted(
            now.get(unix ? "ino" : "fileKey"),
            now.get("lastModifiedTime"),
            unix ? now.get("ctime") : "");
  }
}
