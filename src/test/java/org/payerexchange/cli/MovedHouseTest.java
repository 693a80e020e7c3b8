package org.payerexchange.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.it.Pipeline;
import org.payerexchange.ledger.store.TestDatabase;
import org.payerexchange.sandbox.Fault;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.RequestKind;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.TestBundle;

/** A whole bundle that began on H2 and goes on on PostgreSQL, by the launcher's own command. */
class MovedHouseTest {
  /** Where a transfer waits on H2, by its requestId, and what the payer does not answer there. */
  private enum Waits {
    /** Nobody asks for that. */
    NOWHERE(RequestKind.UNEXPECTED),
    DOWNLOAD(RequestKind.FILE),
    EXPORT_POLL(RequestKind.STATUS),
    MEMBER_MATCH(RequestKind.MATCH);

    private final RequestKind unanswered;

    Waits(RequestKind unanswered) {
      this.unanswered = unanswered;
    }
  }

  private static final String H2 = "jdbc:h2:file:%s/data/ledger";
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  @TempDir Path folder;

  @Test
  void nothingThatWaitsIsLostAndNothingThatIsKnownIsAskedTwice() throws Exception {
    try (Sandbox sandbox = Sandbox.start(SandboxOptions.defaults())) {
      try (TestBundle bundle = bundle(sandbox, H2.formatted(folder), "payerexchange")) {
        for (Waits waits : Waits.values()) {
          sandbox.faults().next(waits.unanswered, Fault.UNAVAILABLE, 1_000_000);
          take(bundle, waits);
          awaitThere(bundle, waits);
        }
      }
      sandbox.faults().clear();
      String there = TestDatabase.POSTGRESQL.newUrl(folder);
      copy(there);

      try (TestBundle bundle = bundle(sandbox, there, "postgres")) {
        take(bundle, Waits.values());
        await()
            .atMost(PATIENCE)
            .untilAsserted(
                () ->
                    assertThat(bundle.column("SELECT state FROM transfer"))
                        .containsOnly("COMPLETE"));
        await().atMost(PATIENCE).until(() -> left(bundle.inbox()).isEmpty());

        assertThat(bundle.column("SELECT request_id FROM transfer"))
            .containsExactlyInAnyOrder(names());
        assertThat(sandbox.requests().kickOffs()).hasSize(4).allSatisfy(MovedHouseTest::once);
        assertThat(bundle.column("SELECT state FROM recurrence"))
            .containsExactly("ACTIVE", "ACTIVE", "ACTIVE", "ACTIVE");
        for (String id : bundle.column("SELECT id FROM transfer")) {
          assertThat(bundle.outbox().resolve("bison").resolve(id).resolve("manifest.json"))
              .exists();
        }
      }
    }
  }

  private static void once(String what, int times) {
    assertThat(times).as(what).isEqualTo(1);
  }

  private static String[] names() {
    return Stream.of(Waits.values()).map(Enum::name).toArray(String[]::new);
  }

  private TestBundle bundle(Sandbox sandbox, String url, String user) throws Exception {
    return Pipeline.payer(TestBundle.in(folder), "bison", sandbox)
        .set("p2p.database.url", url)
        .set("p2p.database.user", user)
        .start();
  }

  private static void awaitThere(TestBundle bundle, Waits waits) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(
                        waits == Waits.NOWHERE
                            ? bundle.column("SELECT state FROM transfer")
                            : bundle.column(
                                """
                                SELECT kind FROM step
                                JOIN transfer ON transfer.id = step.transfer_id
                                WHERE request_id = ?""",
                                waits.name()))
                    .contains(waits == Waits.NOWHERE ? "COMPLETE" : waits.name()));
  }

  /** One member for each, as a file. */
  private static void take(TestBundle bundle, Waits... all) throws IOException {
    List<String> records = new ArrayList<>();
    for (Waits waits : all) {
      records.add(
          Pipeline.record(waits.name(), Members.load("bison", waits.name().length()))
              .replaceFirst("\\{", "{\"repeatEvery\":\"P90D\","));
    }
    Pipeline.drop(bundle.inbox(), records);
  }

  private static List<Path> left(Path inbox) throws IOException {
    try (Stream<Path> files = Files.list(inbox)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  private void copy(String to) throws IOException {
    Files.writeString(
        folder.resolve("application.properties"),
        "p2p.database.url=%s%n".formatted(H2.formatted(folder)));
    StringWriter err = new StringWriter();
    assertThat(
            Launcher.commandLine()
                .setOut(new PrintWriter(new StringWriter()))
                .setErr(new PrintWriter(err))
                .execute(
                    "ledger",
                    "copy",
                    "--to",
                    to,
                    "--user",
                    "postgres",
                    "--config",
                    folder.toString()))
        .as(err.toString())
        .isZero();
  }
}
