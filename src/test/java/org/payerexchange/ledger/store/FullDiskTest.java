package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.ledger.TransferClaim;
import org.payerexchange.support.FullDisk;
import org.payerexchange.support.JavaProcess;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.TransactionException;

/** An H2 ledger whose disk is full: H2 closes it at the first write that fails. */
class FullDiskTest {
  private static final long PATIENCE = 180;
  private static final int CALLERS = 8;
  private static final int ROUNDS = 15;

  @TempDir Path folder;
  private final ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
  private LedgerDatabase database;
  private Node node;

  @BeforeEach
  void open() {
    database = LedgerDatabase.open(FullDisk.url(folder), "postgres", "", 4);
    node = new Node(database, "node", Duration.ofMinutes(5));
  }

  @AfterEach
  void close() {
    FullDisk.makeRoom();
    callers.shutdownNow();
    database.close();
  }

  @Test
  void whoeverWaitsIsToldAndTheLedgerGoesOnOnceThereIsRoom() throws Exception {
    List<String> before = node.register("bison", 3);
    TransferClaim claim = node.claims.claimForMatch(1).get(0);

    FullDisk.leave(0);
    for (int round = 0; round < 3; round++) {
      List<Future<?>> waiting = new ArrayList<>();
      for (int caller = 0; caller < CALLERS; caller++) {
        waiting.add(callers.submit(() -> node.register("bison", 1)));
        waiting.add(callers.submit(() -> node.claims.claimForMatch(1)));
      }
      for (Future<?> each : waiting) {
        assertThatThrownBy(() -> each.get(PATIENCE, TimeUnit.SECONDS))
            .hasCauseInstanceOf(RuntimeException.class)
            .cause()
            .isInstanceOfAny(DataAccessException.class, TransactionException.class);
      }
    }

    FullDisk.makeRoom();
    assertThat(transfers()).containsExactlyInAnyOrderElementsOf(before);
    assertThat(node.transfers.matched(claim, List.of("group"))).as("its lease stands").isTrue();
    assertThat(node.claims.claimForMatch(10)).hasSize(2);
    assertThat(node.register("bison", 1)).hasSize(1);
  }

  @Test
  void whateverFitsOfAWriteNothingAcknowledgedIsLostAndNothingIsThereByHalf() throws Exception {
    Random random = new Random(17);
    Queue<String> acknowledged = new ConcurrentLinkedQueue<>();
    Queue<String> leased = new ConcurrentLinkedQueue<>();
    for (int round = 0; round < ROUNDS; round++) {
      FullDisk.leave(random.nextInt(150_000));
      List<Future<?>> changes = new ArrayList<>();
      for (int caller = 0; caller < CALLERS; caller++) {
        changes.add(
            callers.submit(
                () -> {
                  for (int again = 0; again < 5; again++) {
                    acknowledged.addAll(node.register("bison", 2));
                    node.claims
                        .claimForMatch(1)
                        .forEach(claim -> leased.add(claim.transferId() + claim.leaseToken()));
                  }
                }));
      }
      for (Future<?> each : changes) {
        try {
          each.get(PATIENCE, TimeUnit.SECONDS);
        } catch (ExecutionException full) {
          assertThat(full.getCause())
              .isInstanceOfAny(DataAccessException.class, TransactionException.class);
        }
      }
      FullDisk.makeRoom();
      assertThat(transfers()).containsAll(acknowledged);
    }

    assertThat(leased).isNotEmpty().doesNotHaveDuplicates();
    assertThat(acknowledged).isNotEmpty();
    assertThat(
            database
                .jdbc()
                .sql(
                    """
                    SELECT id FROM transfer WHERE id NOT IN (SELECT transfer_id FROM transfer_request)
                      OR id NOT IN (SELECT transfer_id FROM transfer_event)""")
                .query(String.class)
                .list())
        .isEmpty();
    assertThat(transfers()).hasSizeLessThan(2 * ROUNDS * CALLERS * 5);
  }

  /** A pool that is closed interrupts whoever connects for it just then, and so does a stop. */
  @Test
  void aReaderWhoseInterruptClosesTheFileStopsTheLedgerForNoLongerThanItTakesToOpenIt() {
    List<String> before = node.register("bison", 2000);
    database.close();
    open();

    Thread.currentThread().interrupt();
    assertThatThrownBy(
            () -> database.jdbc().sql("SELECT * FROM transfer_event").query().listOfRows())
        .hasStackTraceContaining("ClosedByInterruptException");
    assertThat(Thread.interrupted()).isTrue();

    await().pollDelay(H2File.PAUSE.plusMillis(1)).until(() -> true);
    assertThat(transfers()).containsExactlyInAnyOrderElementsOf(before);
    assertThat(node.register("bison", 1)).hasSize(1);
  }

  /** In a process of its own, whose JVM does not look at H2's assertions, as they are started. */
  @Test
  void aChangeInTheMiddleOfWhichTheFileIsClosedIsToldSoAndTheLedgerGoesOn() throws Exception {
    try (JavaProcess process =
        JavaProcess.start(
            folder,
            JavaProcess.brief("-Dp2p.log.target=System.err"),
            ClosedInTheMiddle.class,
            List.of(folder.resolve("own").toString()))) {
      assertThat(process.line()).isEqualTo("told");
      assertThat(process.line()).isEqualTo("goes on");
    }
  }

  /** Another's write fails, and so closes the file, between two statements of a change. */
  static final class ClosedInTheMiddle {
    private ClosedInTheMiddle() {}

    public static void main(String[] arguments) throws Exception {
      try (LedgerDatabase ledger =
          LedgerDatabase.open(FullDisk.url(Path.of(arguments[0])), "postgres", "", 4)) {
        assertThatThrownBy(
                () ->
                    ledger.change(
                        () -> {
                          FullDisk.leave(0);
                          assertThatThrownBy(
                                  () ->
                                      CompletableFuture.runAsync(() -> lock(ledger.jdbc())).join())
                              .isInstanceOf(CompletionException.class);
                          return write(ledger.jdbc());
                        }))
            .isInstanceOfAny(DataAccessException.class, TransactionException.class);
        System.out.println("told");
        FullDisk.makeRoom();
        await()
            .ignoreExceptionsInstanceOf(DataAccessException.class)
            .until(() -> ledger.change(() -> write(ledger.jdbc())) == 1);
        System.out.println("goes on");
      }
    }

    private static int write(JdbcClient jdbc) {
      return jdbc.sql("UPDATE ledger_probe SET written_at = CURRENT_TIMESTAMP").update();
    }

    private static int lock(JdbcClient jdbc) {
      return jdbc.sql("INSERT INTO inbox_lock VALUES ('inbox', 'file', CURRENT_TIMESTAMP)")
          .update();
    }
  }

  /** Read by a change, which opens the ledger again once a second has passed. */
  private List<String> transfers() {
    return await()
        .atMost(Duration.ofSeconds(PATIENCE))
        .ignoreExceptionsInstanceOf(DataAccessException.class)
        .until(
            () ->
                database.change(
                    () ->
                        database.jdbc().sql("SELECT id FROM transfer").query(String.class).list()),
            found -> true);
  }
}
