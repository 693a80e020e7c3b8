package org.payerexchange.intake;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers what was seen in the inbox, from one look to the next: which files are at rest, which
 * are in a reader's hands, and what lies there for long without being taken. A file is at rest once
 * its size and its time stayed the same over the quiet time, as this node saw it; what the time
 * says does not matter.
 */
public final class Inbox {
  /** So many quiet times, all told, until the end of a file whose last record is not finished. */
  private static final int QUIET_TIMES_TO_THE_END = 6;

  private static final int MOST_ENTRIES = 100_000;
  private static final int MOST_IN_HAND = 1000;
  private static final int MOST_NAMED = 20;
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
  private static final Logger LOG = LoggerFactory.getLogger(Inbox.class);

  private final InboxTree tree;
  private final Path root;
  private final Duration quietTime;
  private final Duration noticeAfter;
  private final Clock clock;
  private final Map<Path, Seen> seen = new HashMap<>();
  private int inHand;
  private long looks;
  private List<String> untaken = List.of();

  /**
   * An inbox that nobody has looked into yet.
   *
   * @param quietTime how long a file must be unchanged
   * @param noticeAfter how long something may lie there untaken before it is named
   */
  public Inbox(InboxFolders folders, Duration quietTime, Duration noticeAfter, Clock clock) {
    this.tree = new InboxTree(folders, MOST_ENTRIES);
    this.root = folders.inbox();
    this.quietTime = quietTime;
    this.noticeAfter = noticeAfter;
    this.clock = clock;
  }

  /**
   * Looks at all that lies there, and takes into hand what is at rest, the longest first, as far as
   * readers may come to it soon.
   */
  public List<InboxFile> look() {
    List<InboxTree.Entry> entries = tree.entries();
    synchronized (this) {
      Instant now = clock.instant();
      looks++;
      entries.forEach(entry -> meet(entry, now));
      seen.values().removeIf(each -> each.lookedAt != looks && !each.inHand);
      List<InboxFile> found =
          seen.values().stream()
              .filter(each -> isAtRest(each, now))
              .sorted(Comparator.comparing(each -> each.since))
              .limit(MOST_IN_HAND - inHand)
              .map(each -> take(each, now))
              .toList();
      notice(now);
      return found;
    }
  }

  /** What lies there untaken: the name of each and why, only the first few, and how many more. */
  public synchronized List<String> untaken() {
    return untaken;
  }

  /** The same in words. */
  public String words() {
    List<String> now = untaken();
    return now.isEmpty() ? "nothing is left lying" : "not taken: " + String.join("; ", now);
  }

  /** Whether the path still leads to a place within the inbox, by no link. */
  boolean contains(Path path) throws IOException {
    return tree.contains(path);
  }

  /** A reader has come to the file. */
  synchronized void begun(InboxFile file) {
    seen.get(file.path()).begun = true;
  }

  /** The file left the inbox. */
  synchronized void left(InboxFile file) {
    seen.remove(file.path());
    inHand--;
  }

  /** The file was read, but for its last record, which may not be all there. */
  synchronized void endIsMissing(InboxFile file) {
    giveBack(file).endIsMissing = true;
  }

  /** The file is another one by now, and rests anew. */
  synchronized void changed(InboxFile file) {
    giveBack(file).stamp = null;
  }

  /** Another node reads the file. */
  synchronized void readElsewhere(InboxFile file) {
    giveBack(file).elsewhere = true;
  }

  /** The file could not be read, and is tried again after a pause that grows. */
  synchronized void failed(InboxFile file, String why) {
    Seen each = giveBack(file);
    each.failures++;
    each.why = why;
    Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(each.failures - 1, 10));
    each.notBefore =
        clock.instant().plus(pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE);
    LOG.warn("inbox: {} {}", file.name(), why);
  }

  private Seen giveBack(InboxFile file) {
    Seen each = seen.get(file.path());
    each.inHand = false;
    each.begun = false;
    each.elsewhere = false;
    inHand--;
    return each;
  }

  private void meet(InboxTree.Entry entry, Instant now) {
    Seen each = seen.computeIfAbsent(entry.path(), path -> new Seen(path, now));
    each.lookedAt = looks;
    if (each.inHand) {
      return;
    }
    if (entry.stamp() == null) {
      each.stamp = null;
      each.why = entry.why();
    } else if (!entry.stamp().equals(each.stamp)) {
      each.restFrom(now, entry.stamp());
    }
  }

  private boolean isAtRest(Seen each, Instant now) {
    return each.stamp != null
        && !each.inHand
        && !each.notBefore.isAfter(now)
        && (each.endIsMissing ? isEndAtRest(each, now) : restsFor(each, quietTime, now));
  }

  private boolean isEndAtRest(Seen each, Instant now) {
    return restsFor(each, quietTime.multipliedBy(QUIET_TIMES_TO_THE_END), now);
  }

  private static boolean restsFor(Seen each, Duration time, Instant now) {
    return !each.since.plus(time).isAfter(now);
  }

  private InboxFile take(Seen each, Instant now) {
    each.inHand = true;
    inHand++;
    Path within = root.relativize(each.path);
    return new InboxFile(
        each.path,
        name(each.path),
        within.getNameCount() > 1 ? within.getName(0).toString() : null,
        each.stamp,
        isEndAtRest(each, now));
  }

  private String name(Path path) {
    return path.equals(root) ? "the inbox" : Printable.text(root.relativize(path).toString());
  }

  private void notice(Instant now) {
    List<Seen> late =
        seen.values().stream()
            .filter(each -> !each.begun && !each.elsewhere)
            .filter(each -> !each.firstMet.plus(noticeAfter).isAfter(now))
            .sorted(Comparator.comparing(each -> each.path))
            .toList();
    List<Seen> unnamed = late.stream().filter(each -> !each.named).toList();
    told(unnamed, now).forEach(each -> LOG.warn("inbox: not taken: {}", each));
    unnamed.forEach(each -> each.named = true);
    untaken = told(late, now);
  }

  private String why(Seen each, Instant now) {
    if (each.why != null) {
      return each.why;
    }
    if (each.endIsMissing) {
      return "may not be whole: its last record has no end";
    }
    return restsFor(each, quietTime, now)
        ? "waits for its turn"
        : "changed less than the quiet time ago";
  }

  private List<String> told(List<Seen> late, Instant now) {
    List<String> told = new ArrayList<>();
    late.stream()
        .limit(MOST_NAMED)
        .forEach(each -> told.add(name(each.path) + " " + why(each, now)));
    if (late.size() > MOST_NAMED) {
      told.add("and %s more".formatted(late.size() - MOST_NAMED));
    }
    return told;
  }

  /** What is known of one thing that lies there. */
  private static final class Seen {
    private final Path path;
    private final Instant firstMet;
    private long lookedAt;
    private Stamp stamp;
    private Instant since;
    private Instant notBefore = Instant.MIN;
    private boolean endIsMissing;
    private boolean inHand;
    private boolean begun;
    private boolean elsewhere;
    private boolean named;
    private int failures;
    private String why;

    Seen(Path path, Instant now) {
      this.path = path;
      this.firstMet = now;
      this.since = now;
    }

    void restFrom(Instant now, Stamp found) {
      why = null;
      stamp = found;
      since = now;
      endIsMissing = false;
      failures = 0;
      notBefore = Instant.MIN;
    }
  }
}
