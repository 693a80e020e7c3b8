package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.payerexchange.ledger.LedgerListener;
import org.payerexchange.ledger.TransferClaim;
import org.payerexchange.ledger.TransferState;
import org.springframework.dao.DuplicateKeyException;

class ChangesTest extends LedgerTest {

  @Test
  void ofChangesAtTheSameTimeThoseThatFailOrAreTakenBackUndoOnlyThemselves() throws Exception {
    LeaseTest.inParallel(
        12,
        worker -> {
          for (int i = 0; i < 20; i++) {
            String payer = "payer-" + worker + "-" + i;
            switch (worker % 3) {
              case 0 -> assertThat(database.transition(() -> insert(payer))).isTrue();
              case 1 -> assertThat(database.transition(() -> !insert(payer))).isFalse();
              default ->
                  assertThatThrownBy(() -> database.change(() -> insert(payer) && fail()))
                      .isInstanceOf(IllegalStateException.class)
                      .hasMessage("a bug");
            }
          }
        });

    List<String> payers =
        database.jdbc().sql("SELECT payer FROM payer_gate").query(String.class).list();
    assertThat(payers).hasSize(80).allMatch(payer -> payer.matches("payer-(0|3|6|9)-\\d+"));
  }

  @Test
  void ofChangesAtTheSameTimeThoseAreToldThatAreCommittedOnceTheyAre() throws Exception {
    List<String> told = new CopyOnWriteArrayList<>();
    LedgerListener listener =
        new LedgerListener() {
          @Override
          public void received(String payer, long bytes) {
            told.add(payer);
            throw new IllegalStateException("whoever is told fails");
          }
        };
    database.tell(listener);

    LeaseTest.inParallel(
        12,
        worker -> {
          for (int i = 0; i < 20; i++) {
            String payer = "payer-" + worker + "-" + i;
            boolean kept =
                database.transition(
                    () -> {
                      database.tellOf(whom -> whom.received(payer, 1));
                      insert(payer);
                      assertThat(told).doesNotContain(payer);
                      return worker % 2 == 0;
                    });
            assertThat(told.contains(payer)).isEqualTo(kept);
          }
        });

    assertThat(told).hasSize(120).doesNotHaveDuplicates();
  }

  @Test
  void anEventThatCannotBeWrittenUndoesItsTransition() {
    String id = node.register("bison", 1).get(0);
    TransferClaim claim = Node.only(node.claims.claimForMatch(1));
    // the next number is taken
    database
        .jdbc()
        .sql(
            """
            INSERT INTO transfer_event (transfer_id, number, at, actor, what)
            VALUES (?, 2, CURRENT_TIMESTAMP, 'somebody', 'MATCHED')""")
        .param(id)
        .update();

    assertThatThrownBy(() -> node.transfers.matched(claim, List.of("g")))
        .isInstanceOf(DuplicateKeyException.class);

    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.RECEIVED);
    assertThat(node.find(id).jobs()).isEmpty();
  }

  private boolean insert(String payer) {
    return database.jdbc().sql("INSERT INTO payer_gate (payer) VALUES (?)").param(payer).update()
        == 1;
  }

  private static boolean fail() {
    throw new IllegalStateException("a bug");
  }
}
