package org.payerexchange.ledger.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/**
 * H2 files that a power cut leaves with all that was forced to the disk, as {@code
 * jdbc:h2:forced:…}; see {@link ForcedFile}. H2 makes its paths of this class by reflection.
 */
public final class ForcedFiles extends FilePathWrapper {
  private static final String SCHEME = "forced";
  private static final String SUFFIX = ".mv.db";

  /** Others are in memory or at a server, or H2 encrypts what it writes, headers too. */
  private static final Pattern PLAIN_FILE =
      Pattern.compile(
          "jdbc:h2:(?:file:)?(?!mem:|tcp:|ssl:)([^;]+)(?!.*;CIPHER=)(.*)",
          Pattern.CASE_INSENSITIVE);

  /** The URL of the same database with its file forced, and its file in order. */
  static String url(String url) {
    Matcher parts = PLAIN_FILE.matcher(url);
    if (!parts.matches()) {
      return url;
    }
    FilePath.register(new ForcedFiles());
    String name = SCHEME + ":" + parts.group(1);
    putInOrder(name + SUFFIX);
    return "jdbc:h2:" + name + parts.group(2);
  }

  /**
   * Has H2 find the newest version in a file that was not closed, as it always does, and write down
   * which one that is, so that {@link ForcedFile} has a header that it can rely on. Nobody in this
   * process may have it open: closing it gives up a lock of the process.
   *
   * @param file as H2 names it
   */
  static void putInOrder(String file) {
    if (FilePath.get(file).exists()) {
      try {
        new MVStore.Builder().fileName(file).autoCommitDisabled().open().close();
      } catch (MVStoreException e) {
        // it is in use, or damaged: H2 tells so when it opens it as a database
      }
    }
  }

  @Override
  public String getScheme() {
    return SCHEME;
  }

  @Override
  public FileChannel open(String mode) throws IOException {
    FileChannel file = super.open(mode);
    return name.endsWith(SUFFIX) && !mode.equals("r") ? new ForcedFile(file) : file;
  }
}
