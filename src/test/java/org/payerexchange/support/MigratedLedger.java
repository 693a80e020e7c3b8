package org.payerexchange.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.payerexchange.ledger.store.LedgerDatabase;

/**
 * An H2 ledger without a transfer, migrated once in a JVM: a test that begins with a copy does not
 * wait for all migrations. What they do is asked elsewhere.
 */
public final class MigratedLedger {
  private static final Map<String, Path> BY_USER = new ConcurrentHashMap<>();

  private MigratedLedger() {}

  /**
   * Lays one down, unless there is a ledger.
   *
   * @param folder where its file is to be
   * @param user may open it, without a password
   */
  public static void copyTo(Path folder, String user) throws IOException {
    Path file = file(folder);
    if (!Files.exists(file)) {
      Files.copy(BY_USER.computeIfAbsent(user, MigratedLedger::migrated), file);
    }
  }

  /** The URL of a ledger in a folder. */
  public static String url(Path folder) {
    return "jdbc:h2:file:" + folder.resolve("ledger").toAbsolutePath();
  }

  private static Path file(Path folder) {
    return folder.resolve("ledger.mv.db");
  }

  private static Path migrated(String user) {
    try {
      Path folder = Files.createTempDirectory("migrated");
      LedgerDatabase.open(url(folder), user, "", 2, false).close();
      Path file = file(folder);
      // the other way round: the folder is empty by then
      folder.toFile().deleteOnExit();
      file.toFile().deleteOnExit();
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
