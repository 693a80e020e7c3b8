package org.payerexchange.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.ledger.store.Herd;
import org.payerexchange.ledger.store.LedgerDatabase;
import org.payerexchange.ledger.store.TestDatabase;
import org.payerexchange.ledger.store.TransferFilter;
import org.payerexchange.ledger.store.TransferQueries;

/** {@code ledger}: what is done with a ledger as a whole. */
class LedgerCommandTest {
  /** PostgreSQL of the tests asks for none. */
  private static final String PASSWORD = "file-password";

  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private String url;

  @BeforeEach
  void configure() throws IOException {
    url = TestDatabase.H2.newUrl(folder);
    configure(url);
  }

  @Test
  void aLedgerIsCopiedAndCountedAndTheOldOneStays() {
    register(url, PASSWORD, "Doe", "Roe");
    String there = TestDatabase.POSTGRESQL.newUrl(folder);

    assertThat(run("copy", "--to", there, "--user", "postgres")).as(err.toString()).isZero();

    assertThat(out.toString().lines())
        .as("of the members and their batch")
        .anyMatch(line -> line.matches("transfer +3 +3"))
        .anyMatch(line -> line.matches("transfer_request +2 +2"))
        .last()
        .asString()
        .startsWith("All is copied.");
    assertThat(transfers(there)).isEqualTo(2);
    assertThat(transfers(url)).isEqualTo(2);
    assertThat(run("copy", "--to", there, "--user", "postgres")).isEqualTo(1);
    assertThat(err.toString()).contains("it is in use: its table transfer is not empty");
  }

  @Test
  void aLedgerThatAProcessHasOpenIsLeftAlone() {
    String there = TestDatabase.POSTGRESQL.newUrl(folder);
    // as H2 names it, another file in this JVM
    try (LedgerDatabase running = LedgerDatabase.open(url, "postgres", PASSWORD, 2, false)) {
      assertThat(running.answers()).isTrue();
      assertThat(run("copy", "--to", there, "--user", "postgres")).isEqualTo(1);
    }
    assertThat(err.toString())
        .isEqualToIgnoringNewLines(
            "payer-exchange: p2p.database.url: a process runs on this ledger; stop it first");
  }

  @Test
  void aLedgerThatIsNotThereIsNotMade() {
    assertThat(run("copy", "--to", TestDatabase.POSTGRESQL.newUrl(folder))).isEqualTo(1);

    assertThat(err.toString()).contains("p2p.database.url: there is no ledger at");
    assertThat(folder.resolve("ledger.mv.db")).doesNotExist();
  }

  @Test
  void aDatabaseThatIsNotReachedIsTheOtherOne() {
    register(url, PASSWORD, "Doe");

    assertThat(run("copy", "--to", "jdbc:postgresql://127.0.0.1:1/ledger")).isEqualTo(1);

    assertThat(err.toString())
        .startsWith("payer-exchange: nothing is copied to the ledger of --to: ")
        .hasLineCount(1);
  }

  @Test
  void aPasswordIsNoPartOfACommandLine() {
    assertThat(run("copy", "--to", "jdbc:postgresql://127.0.0.1:1/ledger?password=x")).isEqualTo(2);
    assertThat(run("copy", "--to", "jdbc:h2:mem:x")).isEqualTo(2);
    assertThat(run()).isEqualTo(2);
  }

  @Test
  void onlyAnEmbeddedLedgerIsCopied() throws IOException {
    configure("jdbc:postgresql://127.0.0.1:1/ledger");

    assertThat(run("copy", "--to", "jdbc:postgresql://127.0.0.1:1/ledger")).isEqualTo(1);
    assertThat(err.toString()).contains("p2p.database.url: is no H2 ledger");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ";CIPHER=AES"})
  void aBackupIsItsOwnersAloneAndOpensWhereItIsUnpacked(String cipher) throws IOException {
    url += cipher;
    configure(url);
    register(url, PASSWORD, "Doe", "Testperson");
    Path zip = folder.resolve("backup.zip");
    Path cutOff = Files.writeString(folder.resolve(".backup.zip.part"), "half");

    assertThat(run("backup", zip.toString())).as(err.toString()).isZero();

    assertThat(cutOff).as("of one that was cut off").doesNotExist();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(zip)))
        .isEqualTo("rw-------");
    assertThat(run("backup", zip.toString())).as("it is not written over").isEqualTo(2);
    Path other = Files.createDirectory(folder.resolve("other"));
    byte[] unpacked = unpack(zip, other);
    assertThat(transfers(TestDatabase.H2.newUrl(other) + cipher)).isEqualTo(2);
    assertThat(new String(unpacked, ISO_8859_1).contains("Testperson"))
        .as("told by the bytes")
        .isEqualTo(cipher.isEmpty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"file-password", "file-password user-password"})
  void anEncryptedLedgerTellsNobodyByItsBytesAndOpensWithItsPasswordAlone(String password)
      throws IOException {
    url += ";CIPHER=AES";
    register(url, password, "Testperson");
    configure(url, password);

    assertThat(Files.readString(folder.resolve("ledger.mv.db"), ISO_8859_1))
        .startsWith("H2encrypt")
        .doesNotContain("Testperson");
    String there = TestDatabase.POSTGRESQL.newUrl(folder);
    assertThat(run("copy", "--to", there, "--user", "postgres")).as(err.toString()).isZero();
    assertThat(transfers(there)).isEqualTo(1);
    configure(url, "another");
    assertThat(run("backup", folder.resolve("backup.zip").toString())).isEqualTo(1);
    assertThat(err.toString()).contains("p2p.database.url: ").hasLineCount(1);
    assertThat(folder.resolve("backup.zip")).doesNotExist();
  }

  private static byte[] unpack(Path zip, Path folder) throws IOException {
    try (ZipInputStream entries = new ZipInputStream(Files.newInputStream(zip))) {
      ZipEntry entry = entries.getNextEntry();
      byte[] content = entries.readAllBytes();
      Files.write(folder.resolve(entry.getName()), content);
      assertThat(entries.getNextEntry()).isNull();
      return content;
    }
  }

  private void configure(String database) throws IOException {
    configure(database, PASSWORD);
  }

  private void configure(String database, String password) throws IOException {
    Files.writeString(
        folder.resolve("application.properties"),
        "p2p.database.url=%s%np2p.database.user=postgres%np2p.database.password=%s%n"
            .formatted(database, password));
  }

  private static void register(String url, String password, String... families) {
    try (LedgerDatabase database = LedgerDatabase.open(url, "postgres", password, 2)) {
      new Herd(database).register(families);
    }
  }

  private static long transfers(String url) {
    try (LedgerDatabase database = LedgerDatabase.open(url, "postgres", PASSWORD, 2)) {
      return new TransferQueries(database).page(TransferFilter.ALL, 0, 10).total();
    }
  }

  private int run(String... arguments) {
    String[] all = new String[arguments.length == 0 ? 1 : arguments.length + 3];
    all[0] = "ledger";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    if (arguments.length > 0) {
      all[all.length - 2] = "--config";
      all[all.length - 1] = folder.toString();
    }
    return Launcher.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(all);
  }
}
