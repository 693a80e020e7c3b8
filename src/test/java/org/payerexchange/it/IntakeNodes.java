package org.payerexchange.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.payerexchange.ledger.store.LedgerDatabase;
import org.payerexchange.ledger.store.PayerHolds;
import org.payerexchange.ledger.store.TestDatabase;
import org.payerexchange.sandbox.Members;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * Folders and ledger of nodes with nothing at work but intake: their one payer, bison, is held, so
 * that nothing is asked of it.
 */
final class IntakeNodes {
  private final Path folder;
  private final DriverManagerDataSource dataSource;

  private IntakeNodes(Path folder, DriverManagerDataSource dataSource) {
    this.folder = folder;
    this.dataSource = dataSource;
  }

  /** A new inbox and a new ledger. */
  static IntakeNodes in(Path folder) throws IOException {
    String url = TestDatabase.POSTGRESQL.newUrl(folder);
    try (LedgerDatabase database = LedgerDatabase.open(url, "postgres", "", 2)) {
      new PayerHolds(database).hold("bison", Duration.ofHours(1), "not in this test");
    }
    Files.createDirectories(folder.resolve("inbox"));
    return new IntakeNodes(folder, new DriverManagerDataSource(url, "postgres", ""));
  }

  /**
   * Processes of theirs, none started yet.
   *
   * @param broker its URL; empty for none
   */
  Nodes with(String broker) throws IOException {
    return new Nodes(
        folder,
        List.of(
            "p2p.inbox.directory=" + inbox(),
            "p2p.work.directory=" + folder.resolve("work"),
            "p2p.outbox.directory=" + folder.resolve("outbox"),
            "p2p.database.url=" + dataSource.getUrl(),
            "p2p.database.user=postgres",
            "p2p.jms.url=" + broker,
            "p2p.ops.port=",
            "p2p.tick=200ms",
            "p2p.inbox.quiet-time=200ms",
            "p2p.inbox.lock-timeout=3s",
            "p2p.payers.bison.base-url=http://127.0.0.1:1/v1/bison",
            "p2p.payers.bison.token-url=http://127.0.0.1:1/token",
            "p2p.payers.bison.client-id=test",
            "p2p.payers.bison.client-secret=test",
            "p2p.payers.bison.scope=member-match|read"));
  }

  DriverManagerDataSource dataSource() {
    return dataSource;
  }

  JdbcClient ledger() {
    return JdbcClient.create(dataSource);
  }

  Path inbox() {
    return folder.resolve("inbox");
  }

  /** The plain files of the inbox, or of a folder in it; none where it is not there. */
  List<Path> files(String in) throws IOException {
    Path where = inbox().resolve(in);
    if (!Files.isDirectory(where)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(where)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  static String record(String requestId, int member) {
    return Pipeline.record(requestId, Members.load("bison", member));
  }
}
