package org.payerexchange.intake;

import java.io.File;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Pattern;
import org.apache.camel.component.file.GenericFile;
import org.apache.camel.component.file.GenericFileFilter;

/**
 * Which files of the inbox are ready: not hidden, without a name for files that are still being
 * written, and unchanged for a while. Files that are not are looked at again in the next round, so
 * that a slow writer holds up nobody.
 */
public final class InboxFilter implements GenericFileFilter<File> {
  private static final Pattern UNFINISHED =
      Pattern.compile("[.~].*|.*(~|\\.tmp|\\.temp|\\.part|\\.partial|\\.filepart|\\.swp|\\.lock)");

  private final Duration quietTime;

  /**
   * A filter.
   *
   * @param quietTime how long a file must be unchanged
   */
  public InboxFilter(Duration quietTime) {
    this.quietTime = quietTime;
  }

  @Override
  public boolean accept(GenericFile<File> file) {
    String name = file.getFileNameOnly().toLowerCase(Locale.ROOT);
    if (UNFINISHED.matcher(name).matches()) {
      return false;
    }
    return file.isDirectory()
        || System.currentTimeMillis() - file.getFile().lastModified() >= quietTime.toMillis();
  }
}
