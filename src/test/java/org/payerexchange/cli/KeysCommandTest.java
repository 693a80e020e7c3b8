package org.payerexchange.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.payerexchange.support.TestKeys;

/** {@code keys}: from nothing to what is handed over. */
class KeysCommandTest {
  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @ParameterizedTest
  @CsvSource({"RS384, RSA", "ES384, EC"})
  void aNewKeyIsItsOwnersAloneAndItsPublicPartIsPrinted(String algorithm, String type)
      throws Exception {
    Path file = folder.resolve("key.jwk");

    assertThat(run("keys", "new", "--algorithm", algorithm, file.toString())).isZero();

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    JsonNode printed = new ObjectMapper().readTree(out.toString()).at("/keys/0");
    assertThat(printed.path("kty").asText()).isEqualTo(type);
    assertThat(printed.path("alg").asText()).isEqualTo(algorithm);
    assertThat(printed.path("use").asText()).isEqualTo("sig");
    assertThat(printed.has("d")).isFalse();
    JsonNode written = new ObjectMapper().readTree(file.toFile());
    assertThat(written.path("kid")).isEqualTo(printed.path("kid"));
    assertThat(written.has("d")).isTrue();
    try (var left = Files.list(folder)) {
      assertThat(left).containsExactly(file);
    }
  }

  @Test
  void aFileThatIsThereIsNotWrittenOver() throws Exception {
    Path file = Files.writeString(folder.resolve("key.jwk"), TestKeys.P384);

    assertThat(run("keys", "new", file.toString())).isEqualTo(2);

    assertThat(file).hasContent(TestKeys.P384);
    assertThat(err.toString()).contains("There is a file");
  }

  @Test
  void whatOthersHavePutBesideItGetsNoPartOfTheKey() throws Exception {
    Path file = folder.resolve("key.jwk");
    Path theirs = Files.writeString(folder.resolve(".key.jwk.part"), "theirs");
    Files.setPosixFilePermissions(theirs, PosixFilePermissions.fromString("rw-rw-rw-"));

    assertThat(run("keys", "new", "--algorithm", "ES384", file.toString())).isZero();

    assertThat(theirs).hasContent("theirs");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void aLinkToNowhereIsNotFollowed() throws Exception {
    Path elsewhere = folder.resolve("elsewhere");
    Path file = Files.createSymbolicLink(folder.resolve("key.jwk"), elsewhere);

    assertThat(run("keys", "new", "--algorithm", "ES384", file.toString())).isEqualTo(2);

    assertThat(elsewhere).doesNotExist();
  }

  @Test
  void theKeysOfAllPayersAreShownEachOnceAndWithoutTheirPrivateParts() throws Exception {
    String rsa = Files.writeString(folder.resolve("rsa.jwk"), TestKeys.RSA).toString();
    String ec = Files.writeString(folder.resolve("ec.jwk"), TestKeys.P384).toString();
    Files.writeString(
        folder.resolve("payers.properties"),
        """
        p2p.payers.bison.private-key-file=%1$s
        p2p.payers.heron.private-key-file=%2$s
        p2p.payers.heron.previous-private-key-file=%1$s
        p2p.deliver.fhir.private-key-file=%2$s
        p2p.deliver.fhir.key-id=of the sink
        """
            .formatted(rsa, ec));

    assertThat(run("keys", "show", "--config", folder.toString())).as(err.toString()).isZero();

    JsonNode keys = new ObjectMapper().readTree(out.toString()).path("keys");
    assertThat(keys.findValuesAsText("kid"))
        .hasSize(3)
        .contains(TestKeys.RSA_THUMBPRINT, "of the sink");
    assertThat(keys.findValues("d")).isEmpty();
  }

  @Test
  void aFormerKeyWhoseTimeIsOverIsNotShown() throws Exception {
    String ended = TestKeys.RSA.replace("{", "{\"exp\":1500000000,");
    Files.writeString(
        folder.resolve("payers.properties"),
        """
        p2p.payers.bison.private-key-file=%s
        p2p.payers.bison.previous-private-key-file=%s
        """
            .formatted(
                Files.writeString(folder.resolve("ec.jwk"), TestKeys.P384),
                Files.writeString(folder.resolve("rsa.jwk"), ended)));

    assertThat(run("keys", "show", "--config", folder.toString())).as(err.toString()).isZero();

    assertThat(out.toString()).contains("ES384").doesNotContain("RS384");
  }

  @Test
  void ofOnePayerItsKeysAreShownByTheNamesThatItKnowsThemBy() throws Exception {
    Files.writeString(
        folder.resolve("payers.properties"),
        """
        p2p.payers.bison.private-key-file=%1$s
        p2p.payers.bison.private-key-password=key-secret-52ad
        p2p.payers.bison.key-id=2027
        p2p.payers.bison.previous-private-key-file=%2$s
        p2p.payers.bison-2.private-key-file=%2$s
        p2p.payers.bison-2.key-id=of another
        """
            .formatted(
                Files.writeString(folder.resolve("ec.pem"), TestKeys.P384_ENCRYPTED),
                Files.writeString(folder.resolve("rsa.jwk"), TestKeys.RSA)));

    assertThat(run("keys", "show", "--payer", "bison", "--config", folder.toString()))
        .as(err.toString())
        .isZero();

    JsonNode keys = new ObjectMapper().readTree(out.toString()).path("keys");
    assertThat(keys.findValuesAsText("kid")).containsExactly("2027", TestKeys.RSA_THUMBPRINT);
  }

  @ParameterizedTest
  @CsvSource({"otter, p2p.payers.otter.private-key-file", "'', p2p.payers.<id>.private-key-file"})
  void whoHasNoKeyIsToldAsThat(String payer, String told) throws Exception {
    Files.writeString(folder.resolve("payers.properties"), "");
    List<String> line = new ArrayList<>(List.of("keys", "show", "--config", folder.toString()));
    line.addAll(payer.isEmpty() ? List.of() : List.of("--payer", payer));

    assertThat(run(line.toArray(String[]::new))).isEqualTo(2);

    assertThat(err.toString()).contains("No key is configured: " + told);
  }

  @Test
  void aFileIsShownByItsName() throws Exception {
    Path file = Files.writeString(folder.resolve("ec.jwk"), TestKeys.P384);

    assertThat(run("keys", "show", file.toString())).isZero();
    assertThat(out.toString()).contains("ES384").doesNotContain("a509rS4bjBwF");
    assertThat(run("keys", "show", folder.resolve("none").toString())).isEqualTo(1);
    assertThat(err.toString()).contains("there is no file").hasLineCount(1);
  }

  @Test
  void withoutASubcommandTheUsageIsShown() {
    assertThat(run("keys")).isEqualTo(2);
    assertThat(err.toString()).contains("new", "show");
  }

  private int run(String... arguments) {
    return Launcher.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(arguments);
  }
}
