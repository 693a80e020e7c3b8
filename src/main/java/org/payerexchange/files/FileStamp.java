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
public final class FileStamp {
  private FileStamp() {}

  /**
   * A file's stamp.
   *
   * @throws IOException if there is no such file
   */
  public static String of(Path file) throws IOException {
    boolean unix = isUnix(file);
    Map<String, Object> now =
        Files.readAttributes(
            file, unix ? "unix:ino,lastModifiedTime,ctime" : "fileKey,lastModifiedTime");
    return "%s %s %s"
        .formatted(
            now.get(unix ? "ino" : "fileKey"),
            now.get("lastModifiedTime"),
            unix ? now.get("ctime") : "");
  }

  /** The same, or that there is none. */
  public static String orGone(Path file) {
    try {
      return of(file);
    } catch (IOException gone) {
      return "gone";
    }
  }

  /**
   * Which disk a file or folder is on.
   *
   * @throws IOException if there is none
   */
  static Object disk(Path path) throws IOException {
    return isUnix(path) ? Files.getAttribute(path, "unix:dev") : Files.getFileStore(path);
  }

  private static boolean isUnix(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("unix");
  }
}
