package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.payerexchange.support.FullDisk;
import org.payerexchange.support.SettableClock;

class LedgerWatchTest {
  @TempDir Path folder;
  private LedgerDatabase database;

  @AfterEach
  void close() {
    FullDisk.makeRoom();
    database.close();
  }

  @ParameterizedTest
  @EnumSource
  void aClockThatIsTooFarFromTheDatabasesIsToldAndNothingIsClaimed(TestDatabase kind) {
    open(kind.newUrl(folder));
    for (Duration offset : List.of(Duration.ofSeconds(-45), Duration.ofSeconds(45))) {
      LedgerWatch watch = new LedgerWatch(database, Clock.offset(Clock.systemUTC(), offset));
      Node node = new Node(database, watch, "node", Duration.ofMinutes(5));
      node.register("bison", 1);
      watch.look();

      assertThat(watch.clocksAgree()).isFalse();
      assertThat(watch.skew().orElseThrow())
          .matches(
              "the node's clock is 4[45] s %s the database's; set both by NTP, .*"
                  .formatted(offset.isNegative() ? "behind" : "ahead of"));
      assertThat(node.claims.claimForMatch(1)).isEmpty();
    }
    LedgerWatch watch =
        new LedgerWatch(database, Clock.offset(Clock.systemUTC(), Duration.ofSeconds(20)));
    watch.look();
    assertThat(watch.clocksAgree()).isTrue();
    assertThat(watch.skew()).isEmpty();
    assertThat(new Node(database, watch, "node", Duration.ofMinutes(5)).claims.claimForMatch(9))
        .hasSize(2);
  }

  @ParameterizedTest
  @EnumSource
  void anAnswerThatTakesLongIsNoSkew(TestDatabase kind) {
    open(kind.newUrl(folder));
    Instant now = Instant.now();
    // the watch begins, asks the time, has the answer 80 s later, probes, and has looked
    Clock slow = new Times(List.of(now, now.minusSeconds(40), now.plusSeconds(40), now, now));
    LedgerWatch watch = new LedgerWatch(database, slow);

    watch.look();

    assertThat(watch.clocksAgree()).isTrue();
  }

  @Test
  void anH2LedgerThatCommitsNothingForAMinuteIsStuckUntilItDoes() {
    open(FullDisk.url(folder));
    SettableClock clock = new SettableClock(Instant.now());
    LedgerWatch watch = new LedgerWatch(database, clock);
    watch.look();
    assertThat(watch.commits()).isTrue();

    FullDisk.leave(0);
    clock.forward(Duration.ofSeconds(11));
    watch.look();
    assertThat(watch.commits()).isFalse();
    clock.forward(Duration.ofSeconds(59));
    watch.look();
    assertThat(watch.isStuck()).isFalse();
    clock.forward(Duration.ofSeconds(1));
    assertThat(watch.isStuck()).isTrue();

    FullDisk.makeRoom();
    await()
        .atMost(Duration.ofMinutes(3))
        .until(
            () -> {
              watch.look();
              return watch.commits();
            });
    assertThat(watch.isStuck()).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void anH2LedgerAtWhichNobodyCanLookForAMinuteIsStuckToo(TestDatabase kind) {
    open(kind.newUrl(folder));
    SettableClock clock = new SettableClock(Instant.now());
    LedgerWatch watch = new LedgerWatch(database, clock);
    watch.look();

    clock.forward(Duration.ofMinutes(1));
    assertThat(watch.isStuck()).isEqualTo(kind == TestDatabase.H2);

    watch.look();
    assertThat(watch.isStuck()).isFalse();
  }

  @Test
  void aPostgreSqlThatIsAwayIsNoReasonToStartAnewButOneThatCommitsNothingIs() {
    open(TestDatabase.POSTGRESQL.newUrl(folder));
    SettableClock clock = new SettableClock(Instant.now());
    LedgerWatch watch = new LedgerWatch(database, clock);
    watch.look();

    // as connections to a server are that has become a standby
    database.jdbc().sql("ALTER TABLE ledger_probe RENAME TO standby").update();
    clock.forward(Duration.ofSeconds(11));
    watch.look();
    clock.forward(Duration.ofMinutes(1));
    assertThat(watch.answers()).isTrue();
    assertThat(watch.isStuck()).isTrue();
    database.jdbc().sql("ALTER TABLE standby RENAME TO ledger_probe").update();
    watch.look();
    assertThat(watch.isStuck()).isFalse();

    database.jdbc().sql("ALTER TABLE transfer RENAME TO away").update();
    clock.forward(Duration.ofSeconds(11));
    watch.look();
    clock.forward(Duration.ofHours(1));
    watch.look();
    assertThat(watch.answers()).isFalse();
    assertThat(watch.isStuck()).isFalse();
  }

  private void open(String url) {
    database = LedgerDatabase.open(url, "postgres", "", 4);
  }

  /** Shows one time after the other. */
  private static final class Times extends Clock {
    private final Iterator<Instant> times;

    Times(List<Instant> times) {
      this.times = times.iterator();
    }

    @Override
    public Instant instant() {
      return times.next();
    }

    @Override
    public ZoneId getZone() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Clock withZone(ZoneId zone) {
      throw new UnsupportedOperationException();
    }
  }
}
