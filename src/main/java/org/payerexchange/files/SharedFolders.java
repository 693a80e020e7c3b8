package org.payerexchange.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.payerexchange.ledger.store.LedgerIdentity;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells whether this node sees the work directory and the outbox of its ledger, by a file {@value
 * #MARK} with the ledger's id in each. A node that does not is to leave downloads and deliveries to
 * others, and to remove nothing: what the ledger does not know may be another ledger's.
 *
 * <p>The first node ever puts it there. Of the nodes of a shared ledger one that does not find it
 * has a folder of its own, or one that is not mounted. The single node of an embedded one may be
 * given another folder, and marks it, unless data are in it and of no transfer that the ledger
 * knows. One that was used before it marked anything takes what it finds.
 */
public final class SharedFolders {
  /** The name of the mark. */
  public static final String MARK = ".payer-exchange-ledger";

  private static final Logger LOG = LoggerFactory.getLogger(SharedFolders.class);
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

  /** In the outbox they are below a payer's folder. */
  private static final int DEPTH_OF_TRANSFERS = 2;

  private static final int MOST_TRANSFERS = 5_000;

  private final LedgerIdentity ledger;
  private final Clock clock;
  private final Map<String, Path> folders = new LinkedHashMap<>();
  private Instant looked = Instant.MIN;
  private volatile List<String> problems = List.of();

  /**
   * Looks into these folders.
   *
   * @param ledger whose id they are marked with
   * @param work {@code p2p.work.directory}
   * @param outbox {@code p2p.outbox.directory}
   * @param clock a look is good for a second
   */
  public SharedFolders(LedgerIdentity ledger, String work, String outbox, Clock clock) {
    this.ledger = ledger;
    this.clock = clock;
    folders.put("work", Path.of(work).toAbsolutePath().normalize());
    folders.put("outbox", Path.of(outbox).toAbsolutePath().normalize());
  }

  /** Whether this node may work on files. */
  public boolean areSeen() {
    return problems().isEmpty();
  }

  /** One line for each folder that is not the one that the ledger's nodes share. */
  public synchronized List<String> problems() {
    Instant now = clock.instant();
    if (!now.isBefore(looked.plus(LOOK_EVERY))) {
      List<String> found = new ArrayList<>();
      if (ledger.isShared()) {
        folders.forEach((name, folder) -> look(name, folder, found));
      } else {
        boolean takesAll = ledger.isOfBefore();
        folders.forEach((name, folder) -> lookAlone(name, folder, takesAll, found));
      }
      found.stream().filter(problem -> !problems.contains(problem)).forEach(LOG::error);
      problems = List.copyOf(found);
      looked = now;
    }
    return problems;
  }

  /**
   * What the latest look said; for whoever knows that the ledger is away, which a look waits for.
   */
  public List<String> latest() {
    return problems;
  }

  /** One line for each folder that is not there; the start of a node makes them. */
  public List<String> missing() {
    return folders.entrySet().stream()
        .filter(folder -> !Files.isDirectory(folder.getValue()))
        .map(
            folder ->
                "p2p.%s.directory: there is no %s".formatted(folder.getKey(), folder.getValue()))
        .toList();
  }

  private void look(String name, Path folder, List<String> found) {
    String id = ledger.id();
    Path mark = folder.resolve(MARK);
    try {
      String there = read(mark);
      if (there.isEmpty()) {
        // where another node was faster, its mark is there by now
        ledger.markOnce(name, () -> write(mark, id));
        there = read(mark);
      }
      if (!there.equals(id)) {
        found.add(
            "p2p.%s.directory: %s %s; if it is the folder that all nodes share, put %s into it"
                .formatted(
                    name, mark, there.isEmpty() ? "is missing" : "names another ledger", id));
      }
    } catch (IOException | UncheckedIOException unreadable) {
      found.add("p2p.%s.directory: %s cannot be used".formatted(name, mark));
    }
  }

  /**
   * A folder that is not there holds nothing that could be another's; one that cannot be used is
   * told by each step that fails there.
   */
  private void lookAlone(String name, Path folder, boolean takesAll, List<String> found) {
    String id = ledger.id();
    Path mark = folder.resolve(MARK);
    String problem = null;
    try {
      String there = read(mark);
      if (there.isEmpty() && Files.isDirectory(folder)) {
        if (takesAll || isOurs(folder)) {
          write(mark, id);
        } else {
          problem = "has data of transfers that the ledger does not know";
        }
      } else if (!there.isEmpty() && !there.equals(id)) {
        problem = "is another ledger's";
      }
    } catch (AccessDeniedException | UncheckedIOException unusable) {
      found.add(
          "p2p.%s.directory: %s cannot be read and marked: give this process's user the right to read it and to write there; nothing is removed or put there until then"
              .formatted(name, folder));
    } catch (IOException unusable) {
      LOG.debug("{} cannot be used", folder);
    }
    if (problem != null) {
      found.add(
          "p2p.%s.directory: %s %s; nothing is removed or put there: p2p.database.url leads to another ledger than before, or a new one; if that is meant, put %s into %s"
              .formatted(name, folder, problem, id, mark));
    }
  }

  private boolean isOurs(Path folder) throws IOException {
    List<String> transfers = transfers(folder);
    return transfers.isEmpty() || ledger.knowsAny(transfers);
  }

  /**
   * Some at least of those that something is there of. What is below, such as the {@code
   * lost+found} of a volume, may be closed to this user, or vanish.
   */
  private static List<String> transfers(Path folder) throws IOException {
    List<String> transfers = new ArrayList<>();
    Files.walkFileTree(
        folder,
        Set.of(),
        DEPTH_OF_TRANSFERS,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path path, BasicFileAttributes is) {
            String name = path.getFileName().toString();
            if (is.isDirectory() && TransferFolders.isTransfer(name)) {
              transfers.add(name);
            }
            return transfers.size() < MOST_TRANSFERS
                ? FileVisitResult.CONTINUE
                : FileVisitResult.TERMINATE;
          }

          @Override
          public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes is) {
            return visitFile(path, is);
          }

          @Override
          public FileVisitResult visitFileFailed(Path path, IOException why) throws IOException {
            if (path.equals(folder)) {
              throw why;
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return transfers;
  }

  private static String read(Path mark) throws IOException {
    try {
      return Files.readString(mark).strip();
    } catch (NoSuchFileException none) {
      return "";
    }
  }

  private static void write(Path mark, String id) {
    try {
      AtomicFiles files = new AtomicFiles(true);
      files.createFolders(mark.getParent());
      files.write(mark, AtomicFiles.Content.of((id + "\n").getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
