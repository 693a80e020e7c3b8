package org.payerexchange.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.payerexchange.ledger.store.LedgerDatabase;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.unit.DataSize;

/**
 * What is to stay free of each file system that this node writes to. Below it nothing is begun that
 * takes more of it; what runs goes on, and deliveries and removals make room.
 */
public final class DiskReserve {
  private static final Logger LOG = LoggerFactory.getLogger(DiskReserve.class);
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
  private static final long MEGABYTE = DataSize.ofMegabytes(1).toBytes();

  private final String reserve;
  private final long bytes;
  private final Space space;
  private final Clock clock;
  private final Map<String, Path> folders = new LinkedHashMap<>();
  private Instant looked = Instant.MIN;
  private List<String> problems = List.of();

  /**
   * The bean {@code diskReserve}.
   *
   * @param reserve {@code p2p.disk.reserve}, such as 1GB; 0: none
   * @param inbox {@code p2p.inbox.directory}, where files that were read stay
   * @param work {@code p2p.work.directory}
   * @param outbox {@code p2p.outbox.directory}
   * @param ledger its file counts where it has one here
   * @param clock a look is good for a second
   */
  public DiskReserve(
      String reserve,
      String inbox,
      String work,
      String outbox,
      LedgerDatabase ledger,
      Clock clock) {
    this(reserve, clock, path -> Files.getFileStore(path).getUsableSpace());
    folders.put("p2p.inbox.directory", Path.of(inbox).resolve(".done"));
    folders.put("p2p.work.directory", Path.of(work));
    folders.put("p2p.outbox.directory", Path.of(outbox));
    ledger.file().ifPresent(file -> folders.put("p2p.database.url", file));
  }

  DiskReserve(String reserve, Clock clock, Space space) {
    this.reserve = reserve;
    this.bytes = DataSize.parse(reserve).toBytes();
    this.space = space;
    this.clock = clock;
  }

  /** How many bytes are free where something lies. */
  interface Space {
    long free(Path path) throws IOException;
  }

  DiskReserve with(String key, Path folder) {
    folders.put(key, folder);
    return this;
  }

  /** What has to have room, by the key that names it. */
  public Map<String, Path> folders() {
    return Map.copyOf(folders);
  }

  /** Whether there is room enough to begin something. */
  public boolean isKept() {
    return problems().isEmpty();
  }

  /** One line for each folder where there is not. */
  public synchronized List<String> problems() {
    Instant now = clock.instant();
    if (bytes > 0 && !now.isBefore(looked.plus(LOOK_EVERY))) {
      List<String> found = new ArrayList<>();
      folders.forEach((key, folder) -> look(key, folder, found));
      if (problems.isEmpty()) {
        found.forEach(LOG::error);
      }
      problems = List.copyOf(found);
      looked = now;
    }
    return problems;
  }

  private void look(String key, Path folder, List<String> found) {
    try {
      long free = space.free(folder);
      if (free < bytes) {
        found.add(
            "%s: %s has %s MB left, less than p2p.disk.reserve (%s); no download is begun and nothing is taken in until there is room"
                .formatted(key, folder.toAbsolutePath().normalize(), free / MEGABYTE, reserve));
      }
    } catch (IOException notThere) {
      LOG.debug("{}: how much is free there is not known", key);
    }
  }
}
