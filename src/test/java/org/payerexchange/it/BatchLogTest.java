package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.sandbox.Fault;
import org.payerexchange.sandbox.PdexMember;
import org.payerexchange.sandbox.RequestKind;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.step.Stage;
import org.payerexchange.support.LogLines;
import org.payerexchange.support.TestBundle;

/** What is logged of a batch. */
class BatchLogTest {
  @TempDir Path folder;

  @Test
  void whateverFailsOfABatchIsNeverToldOfATransferWithTheBatchsId() throws Exception {
    List<PdexMember> members = PdexPayer.plain(0, 3);
    try (LogLines log = LogLines.from(Level.DEBUG);
        Sandbox sandbox = PdexPayer.sandbox();
        TestBundle bundle = PdexPayer.add(TestBundle.in(folder), sandbox, 3).start()) {
      List.of(
              RequestKind.BULK_MATCH,
              RequestKind.BULK_MATCH_STATUS,
              RequestKind.KICK_OFF,
              RequestKind.STATUS,
              RequestKind.FILE,
              RequestKind.RELEASE,
              RequestKind.BULK_MATCH_RELEASE)
          .forEach(kind -> sandbox.faults().next(kind, Fault.UNAVAILABLE, 1));
      PdexFolders folders = new PdexFolders(bundle, sandbox);

      PdexPayer.take(bundle, members);

      for (PdexMember member : members) {
        folders.awaitServed(member);
      }
      folders.awaitReleased();
      String batch = bundle.column("SELECT id FROM member_batch").get(0);
      for (Stage stage :
          List.of(
              Stage.MATCH_BATCH,
              Stage.MATCH_POLL,
              Stage.EXPORT_KICKOFF,
              Stage.EXPORT_POLL,
              Stage.DOWNLOAD,
              Stage.RELEASE)) {
        assertThat(log.all())
            .anyMatch(line -> line.contains("batch %s %s: ".formatted(batch, stage)));
      }
      assertThat(log.all()).noneMatch(line -> line.contains("transfer " + batch));
    }
  }
}
