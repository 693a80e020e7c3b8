package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.ledger.Row;
import org.payerexchange.support.Folders;
import org.payerexchange.support.PowerCuts;
import org.payerexchange.support.PowerCuts.Kept;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * A power cut at any moment of an H2 ledger's life, whatever the disk has of that which was not
 * forced to it. A sample of the moments; {@code -Dp2p.cuts=all} tries them all, in each way.
 */
class PowerCutTest {
  private static final boolean ALL = "all".equals(System.getProperty("p2p.cuts"));
  private static final int SAMPLE = 60;
  private static final int SECOND_SAMPLE = 20;
  private static final int ROWS = 40;
  private static final int CALLERS = 4;
  private static final int CHANGES = 25;

  @TempDir Path folder;
  private final ConcurrentLinkedQueue<Change> changes = new ConcurrentLinkedQueue<>();
  private final List<Change> returned = Collections.synchronizedList(new ArrayList<>());
  private int number;
  private int begin;

  /**
   * Two rows get the same number.
   *
   * @param time the power cuts before it may lose it
   */
  private record Change(int number, int one, int other, int time) {
    Change before() {
      return new Change(number, one, other, 0);
    }

    boolean isIn(Map<Integer, Integer> rows) {
      return rows.get(one) >= number && rows.get(other) >= number;
    }

    boolean isByHalfIn(Map<Integer, Integer> rows) {
      return !isIn(rows) && (rows.get(one) == number || rows.get(other) == number);
    }
  }

  @Test
  void whateverItTakesEachChangeThatReturnedIsThereAndNoneByHalf() throws Exception {
    liveThrough(true);

    assertThat(cuts(true, SAMPLE, new byte[0])).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Kept.class)
  void oneMoreWhileTheLedgerComesBackTakesNothingEither(Kept kept) throws Exception {
    liveThrough(true);
    int first = new Random(kept.name().length()).nextInt(begin, PowerCuts.times());
    Path left =
        new PowerCuts.Disk(new byte[0]).cut(first, kept, new Random(1), folder.resolve("second"));
    byte[] atFirst = Files.readAllBytes(left);
    returned.removeIf(change -> change.time > first);
    returned.replaceAll(Change::before);

    begin = 0;
    try (LedgerDatabase database =
        open(PowerCuts.url(left.getParent()) + ";RETENTION_TIME=0", true)) {
      change(database, 3);
    }

    assertThat(cuts(true, SECOND_SAMPLE, atFirst)).isEmpty();
  }

  /** Of a commit the first force and the second. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aForceThatFailsIsToldAndTheLedgerGoesOn(int forces) throws Exception {
    try (LedgerDatabase database = open(PowerCuts.url(folder), true)) {
      Node node = new Node(database, "node", Duration.ofMinutes(5));
      node.register("bison", 1);

      PowerCuts.refuseAfter(forces);
      assertThatThrownBy(() -> node.register("elk", 1))
          .isInstanceOfAny(DataAccessException.class, TransactionException.class);

      await()
          .atMost(Duration.ofMinutes(3))
          .ignoreExceptionsInstanceOf(RuntimeException.class)
          .untilAsserted(() -> assertThat(node.register("bison", 1)).hasSize(1));
      assertThat(node.claims.claimForMatch(10)).hasSizeGreaterThanOrEqualTo(2);
    }
  }

  @Test
  void withoutForcingChangesThatReturnedWouldBeLost() throws Exception {
    liveThrough(false);

    assertThat(cuts(false, SAMPLE, new byte[0])).anyMatch(problem -> problem.contains("lost"));
  }

  /** Callers at once, space that is used again at once, and a restart in the middle. */
  private void liveThrough(boolean forced) throws Exception {
    String url = PowerCuts.url(folder.resolve("first")) + ";RETENTION_TIME=0";
    try (LedgerDatabase database = open(url, forced)) {
      database
          .jdbc()
          .sql("CREATE TABLE cut (id INT PRIMARY KEY, number INT, filler VARCHAR)")
          .update();
      database.change(
          () -> {
            for (int row = 0; row < ROWS; row++) {
              database.jdbc().sql("INSERT INTO cut VALUES (?, 0, '')").param(row).update();
            }
            return null;
          });
      begin = PowerCuts.times();
      change(database, CHANGES);
    }
    try (LedgerDatabase database = open(url, forced)) {
      change(database, CHANGES);
    }
  }

  private void change(LedgerDatabase database, int times) throws Exception {
    LeaseTest.inParallel(
        CALLERS,
        caller -> {
          for (int each = 0; each < times; each++) {
            ThreadLocalRandom random = ThreadLocalRandom.current();
            int one = random.nextInt(ROWS);
            int other = (one + 1 + random.nextInt(ROWS - 1)) % ROWS;
            int length = random.nextInt(2_000);
            Change made = database.change(() -> change(database, one, other, length));
            returned.add(new Change(made.number, one, other, PowerCuts.times()));
          }
        });
  }

  private Change change(LedgerDatabase database, int one, int other, int length) {
    Change change = new Change(++number, one, other, Integer.MAX_VALUE);
    changes.add(change);
    for (int row : new int[] {one, other}) {
      database
          .jdbc()
          .sql("UPDATE cut SET number = ?, filler = ? WHERE id = ?")
          .params(number, filler(number, length), row)
          .update();
    }
    return change;
  }

  private static String filler(int number, int length) {
    return (number + " ").repeat(length);
  }

  /** What is wrong after power cuts, each in a few words. */
  private List<String> cuts(boolean forced, int sample, byte[] atFirst) throws Exception {
    Random random = new Random(19);
    List<Integer> times =
        ALL
            ? IntStream.rangeClosed(begin, PowerCuts.times()).boxed().toList()
            : List.copyOf(
                new TreeSet<>(random.ints(sample, begin, PowerCuts.times() + 1).boxed().toList()));
    PowerCuts.Disk disk = new PowerCuts.Disk(atFirst);
    List<String> problems = new ArrayList<>();
    for (int time : times) {
      List<Kept> ways = new ArrayList<>(List.of(Kept.values()));
      if (!ALL) {
        Collections.shuffle(ways, random);
        ways.subList(1, ways.size()).clear();
      }
      for (Kept kept : ways) {
        Path left = folder.resolve("left");
        disk.cut(time, kept, random, left);
        problem(TestDatabase.H2.newUrl(left), time, forced)
            .map(problem -> "%s after %d, %s kept".formatted(problem, time, kept))
            .ifPresent(problems::add);
        Folders.delete(left);
      }
    }
    return problems;
  }

  private Optional<String> problem(String url, int time, boolean forced) {
    try (LedgerDatabase database = open(url, forced)) {
      // all pages of all tables
      database.jdbc().sql("SCRIPT").query().listOfRows();
      Map<Integer, Integer> rows =
          database.jdbc().sql("SELECT id, number, filler FROM cut").query(Row.class).list().stream()
              .peek(Row::requireWhole)
              .collect(Collectors.toMap(Row::id, Row::number));
      database.probe();
      if (!returned.stream().filter(each -> each.time <= time).allMatch(each -> each.isIn(rows))) {
        return Optional.of("something is lost");
      }
      return changes.stream().anyMatch(each -> each.isByHalfIn(rows))
          ? Optional.of("something is there by half")
          : Optional.empty();
    } catch (RuntimeException e) {
      return Optional.of("it cannot be read: " + e);
    }
  }

  /** A row as it is in the table. */
  record Row(int id, int number, String filler) {
    void requireWhole() {
      String one = number + " ";
      if (!filler.isEmpty() && !filler.equals(one.repeat(filler.length() / one.length()))) {
        throw new IllegalStateException("a row is not as it was written");
      }
    }
  }

  private static LedgerDatabase open(String url, boolean forced) {
    return LedgerDatabase.open(url, "postgres", "", 2, forced);
  }
}
