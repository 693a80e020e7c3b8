package org.payerexchange.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.payerexchange.support.TestAuthority;
import org.payerexchange.support.TestCertificate;
import org.payerexchange.support.TestKeys;

/** Files that are to show who we are and cannot, as the start and {@code check} tell them. */
class UnusableFilesTest {
  private static final String OURS = "https://we.example";
  private static final String PASSWORD = "password-of-no-file";

  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final List<String> settings = new ArrayList<>();

  @BeforeEach
  void configure() {
    for (String name : List.of("inbox", "work", "outbox")) {
      settings.add("p2p.%s.directory=%s".formatted(name, folder.resolve(name)));
    }
    settings.add("p2p.database.url=jdbc:h2:file:" + folder.resolve("data/ledger"));
    settings.add("p2p.ops.port=");
    set("base-url", "http://127.0.0.1:9/v1/bison");
    set("token-url", "http://127.0.0.1:9/token");
    set("client-id", "id");
  }

  @ParameterizedTest
  @CsvSource({
    "client-secret-file, NONE, there is no file",
    "client-secret-file, EMPTY, is empty",
    "client-secret-file, TWO_LINES, is not one line",
    "private-key-file, NONE, there is no file",
    "private-key-file, LOCKED, is not opened by its password",
    "private-key-file, WEAK, 1024 bits",
    "private-key-file, P256, curve P-256",
    "private-key-file, TWO_KEYS, do not belong together",
    "private-key-file, ENDED, has expired",
    "private-key-file, OTHER_ALGORITHM, 'is meant for PS384, and RS384 is needed'",
    "previous-private-key-file, NONE, there is no file",
    "key-store, NONE, cannot be opened",
    "key-store, LOCKED_STORE, password was incorrect",
    "key-store, TWO_KEYS_STORE, do not belong together",
    "key-store, ENDED_STORE, is good from",
    "key-store, FUTURE_STORE, is good from",
    "key-store, TRUST_STORE, holds no private key",
    "trust-store, NONE, cannot be opened",
    "trust-store, EMPTY_STORE, holds no entry"
  })
  void eachIsOneLineAtTheStartAndInCheck(String key, Bad file, String told) throws Exception {
    set(key, file.in(folder).toString());
    if (!key.equals("client-secret-file")) {
      set("client-secret", "secret-of-no-value");
      set(key.replace("-file", "") + "-password", file.password);
    }
    String begin = "p2p.payers.bison.%s: ".formatted(key);

    assertThat(run("run")).isEqualTo(1);
    assertThat(err.toString()).startsWith("payer-exchange: " + begin).contains(told);
    assertThat(err.toString()).hasLineCount(1).doesNotContain(PASSWORD, TestCertificate.PASSWORD);

    assertThat(run("check")).isEqualTo(1);
    assertThat(out.toString()).matches("settings +FAILED +\\Q" + begin + "\\E.*\\R");
    assertThat(out.toString()).contains(told).doesNotContain(PASSWORD, TestCertificate.PASSWORD);
  }

  private enum Bad {
    NONE,
    EMPTY,
    TWO_LINES,
    LOCKED,
    WEAK,
    P256,
    TWO_KEYS,
    ENDED,
    OTHER_ALGORITHM,
    LOCKED_STORE,
    TWO_KEYS_STORE(TestCertificate.PASSWORD),
    ENDED_STORE(TestCertificate.PASSWORD),
    FUTURE_STORE(TestCertificate.PASSWORD),
    TRUST_STORE(TestCertificate.PASSWORD),
    EMPTY_STORE(TestCertificate.PASSWORD);

    private final String password;

    Bad() {
      this(PASSWORD);
    }

    Bad(String password) {
      this.password = password;
    }

    private Path in(Path folder) throws Exception {
      return switch (this) {
        case NONE -> folder.resolve("none");
        case EMPTY -> Files.writeString(folder.resolve("bad"), "\n");
        case TWO_LINES -> Files.writeString(folder.resolve("bad"), "one\ntwo\n");
        case LOCKED -> Files.writeString(folder.resolve("bad"), TestKeys.P384_ENCRYPTED);
        case WEAK ->
            Files.writeString(folder.resolve("bad"), TestKeys.pem(TestKeys.rsa(1024).getPrivate()));
        case P256 ->
            Files.writeString(
                folder.resolve("bad"), TestKeys.pem(TestKeys.ec("secp256r1").getPrivate()));
        case TWO_KEYS -> {
          KeyPair one = TestKeys.rsa(2048);
          KeyPair other = TestKeys.rsa(2048);
          yield Files.writeString(
              folder.resolve("bad"),
              TestKeys.pem(one.getPrivate()) + TestKeys.pem(other.getPublic()));
        }
        case ENDED ->
            Files.writeString(
                folder.resolve("bad"), TestKeys.RSA.replace("{", "{\"exp\":1500000000,"));
        case OTHER_ALGORITHM ->
            Files.writeString(
                folder.resolve("bad"), TestKeys.RSA.replace("{", "{\"alg\":\"PS384\","));
        case LOCKED_STORE, TRUST_STORE -> {
          TestCertificate own = TestCertificate.make(folder, "own");
          yield this == TRUST_STORE ? own.trustStore() : own.keyStore();
        }
        case TWO_KEYS_STORE ->
            TestCertificate.make(folder, "own").withKeyOf(TestCertificate.make(folder, "other"));
        case ENDED_STORE -> authority(folder).signEnded("own", OURS).keyStore();
        case FUTURE_STORE -> authority(folder).signFuture("own", OURS).keyStore();
        case EMPTY_STORE -> TestCertificate.empty(folder);
      };
    }

    private static TestAuthority authority(Path folder) throws Exception {
      return TestAuthority.make(folder.resolve("authority"));
    }
  }

  private void set(String key, String value) {
    settings.add("p2p.payers.bison.%s=%s".formatted(key, value));
  }

  private int run(String command) throws Exception {
    Path config = Files.createDirectories(folder.resolve("config"));
    Files.write(config.resolve("application.properties"), settings);
    return Launcher.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(command, "--config", config.toString());
  }
}
