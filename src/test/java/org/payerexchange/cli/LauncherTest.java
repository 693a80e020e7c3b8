package org.payerexchange.cli;

import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.notFound;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.status;
import static com.github.tomakehurst.wiremock.client.WireMock.unauthorized;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.boot.Failures;
import org.payerexchange.boot.OpsSettings;
import org.payerexchange.boot.PayerExchange;
import org.payerexchange.boot.Setup;
import org.payerexchange.ledger.IntakeEntry;
import org.payerexchange.ledger.store.Herd;
import org.payerexchange.ledger.store.LedgerDatabase;
import org.payerexchange.ledger.store.PayerHolds;
import org.payerexchange.ledger.store.TransferLedger;
import org.payerexchange.sandbox.Fault;
import org.payerexchange.support.EmbeddedBroker;
import org.payerexchange.support.FhirTestServer;
import org.payerexchange.support.FreePort;
import org.payerexchange.support.Gateway;
import org.payerexchange.support.JavaProcess;
import org.payerexchange.support.TestAuthority;
import org.payerexchange.support.TestCertificate;
import org.payerexchange.support.TestKeys;
import picocli.CommandLine;

class LauncherTest {
  private static final String SECRET = "secret-of-the-launcher-test";
  private static final String TOKENS = "/auth/realms/dev-portal/protocol/openid-connect/token";

  @TempDir Path folder;
  @RegisterExtension final Gateway gateway = new Gateway();

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
    settings.add("p2p.payers.bison.base-url=" + gateway.url() + "/v1/bison");
    settings.add("p2p.payers.bison.token-url=" + gateway.url() + TOKENS);
    settings.add("p2p.payers.bison.client-id=id");
    settings.add("p2p.payers.bison.client-secret=" + SECRET);
    settings.add("p2p.retry.deadline=1s");
    gateway.stub(get(urlPathEqualTo("/v1/bison/metadata")).willReturn(unauthorized()));
  }

  @Test
  void withoutACommandTheUsageIsShown() {
    assertThat(run()).isEqualTo(2);
    assertThat(err.toString()).contains("Usage: payer-exchange").contains("retry");
  }

  @Test
  void helpIsACommandAndTellsOfOthers() {
    assertThat(run("help")).as(err.toString()).isZero();
    assertThat(out.toString()).contains("Usage: payer-exchange").contains("retry");
    assertThat(run("help", "pause")).as(err.toString()).isZero();
    assertThat(out.toString()).contains("Usage: payer-exchange pause");
  }

  @Test
  void prepareUsesWhatCommandsNeedWithoutAnyConfiguration() {
    assertThat(run("prepare")).as(err.toString()).isZero();
  }

  @Test
  void whatIsDoneIsForOneTransferOrForThoseOfFilters() {
    assertThat(run("retry")).isEqualTo(2);
    assertThat(run("cancel", "--dry-run")).isEqualTo(2);
    assertThat(run("now", "some-id", "--payer", "bison")).isEqualTo(2);
    assertThat(run("retry", "some-id", "--all")).isEqualTo(2);
    assertThat(run("pause")).isEqualTo(2);
    assertThat(run("resume", "--payer", "bison", "--sink", "fhir")).isEqualTo(2);
  }

  @Test
  void aFolderThatIsNotThereIsAUsageError() {
    assertThat(run("status", "--config", folder.resolve("none").toString())).isEqualTo(2);
  }

  @Test
  void aWrongKeyStopsTheStartWithOneLine() throws Exception {
    settings.add("p2p.databse.url=x");

    assertThat(runConfigured("run")).isEqualTo(1);
    assertThat(err.toString())
        .isEqualToIgnoringNewLines("payer-exchange: p2p.databse.url: there is no such key");
  }

  @Test
  void anUnreachableDatabaseStopsTheStartWithOneLine() throws Exception {
    settings.add("p2p.database.url=jdbc:postgresql://127.0.0.1:1/ledger");

    assertThat(runConfigured("run")).isEqualTo(1);
    assertThat(err.toString()).startsWith("payer-exchange: p2p.database.url: ").hasLineCount(1);
  }

  @Test
  void aMissingSecretStopsTheStartWithOneLine() throws Exception {
    settings.add("p2p.payers.bison.client-secret=");

    assertThat(runConfigured("run")).isEqualTo(1);
    assertThat(err.toString())
        .isEqualToIgnoringNewLines("payer-exchange: p2p.payers.bison.client-secret is missing");
  }

  @ParameterizedTest
  @CsvSource({
    "p2p.jms.url, localhost:61616, p2p.jms.url must be like tcp://broker:61616",
    "p2p.payers.bison.max-parallel-requests, many, "
        + "p2p.payers.bison.max-parallel-requests: 'many' is not a number",
    "p2p.default-payer, bisn, p2p.default-payer: 'bisn' is not a configured payer",
  })
  void aValueThatCannotBeMeantStopsTheStartWithOneLineThatNamesItsKey(
      String key, String value, String line) throws Exception {
    settings.add(key + "=" + value);

    assertThat(runConfigured("run")).isEqualTo(1);
    assertThat(err.toString()).isEqualToIgnoringNewLines("payer-exchange: " + line);
  }

  @ParameterizedTest
  @CsvSource({
    "calls-per-second, 0, must be at least 1",
    "calls-per-minute, 1.5, is not a number",
    "call-window, 20:00-06:00 Chicago, must be like 20:00-06:00 America/Chicago",
    "calls-per-hour, 5, there is no such key",
  })
  void limitsOfAPayerThatCannotBeMeantAreNamedByCheck(String key, String value, String problem)
      throws Exception {
    settings.add("p2p.payers.bison." + key + "=" + value);

    assertThat(runConfigured("check")).isEqualTo(1);
    assertThat(out.toString()).contains("p2p.payers.bison." + key + ": ", problem);
  }

  @ParameterizedTest
  @CsvSource({
    "p2p.payers.bison.base-url, http://gateway.example/v1, p2p.payers.bison.allow-http",
    "p2p.payers.bison.token-url, http://10.0.0.1/token, p2p.payers.bison.allow-http",
    "p2p.deliver.fhir.base-url, http://fhir.example/r4, p2p.deliver.fhir.allow-http",
    "p2p.deliver.file-uris.3, http://sink.example/x, p2p.deliver.file-uris.3.allow-http",
  })
  void clearTextOffThisMachineIsRefusedByStartAndCheck(String key, String value, String allowHttp)
      throws Exception {
    settings.add(key + "=" + value);
    String refusal = key + " is http, so that members' data and secrets would leave";

    assertThat(runConfigured("run")).isEqualTo(1);
    assertThat(err.toString())
        .startsWith("payer-exchange: " + refusal)
        .contains(allowHttp + "=true");
    assertThat(runConfigured("check")).isEqualTo(1);
    assertThat(out.toString()).contains(refusal);
  }

  @Test
  void whatShowsWhoWeAreIsReadByStartAndCheckOneLineEach() throws Exception {
    Path weak = folder.resolve("weak.pem");
    Files.writeString(weak, TestKeys.pem(TestKeys.rsa(1024).getPrivate()));
    settings.add("p2p.payers.bison.token-auth=private_key_jwt");
    settings.add("p2p.payers.bison.private-key-file=" + weak);
    settings.add("p2p.payers.bison.previous-private-key-file=" + folder.resolve("none"));
    settings.add("p2p.payers.heron.client-secret-file=" + folder.resolve("none"));
    settings.add("p2p.payers.otter.client-secret=" + SECRET);
    settings.add("p2p.payers.otter.client-secret-file=" + weak);

    assertThat(runConfigured("run")).isEqualTo(1);
    assertThat(err.toString())
        .startsWith(
            "payer-exchange: p2p.payers.bison.private-key-file: '%s' is an RSA".formatted(weak))
        .hasLineCount(1);
    assertThat(runConfigured("check")).isEqualTo(1);
    assertThat(out.toString().lines())
        .satisfiesExactly(
            line -> assertThat(line).contains("p2p.payers.bison.private-key-file: ", "1024 bits"),
            line -> assertThat(line).contains("p2p.payers.bison.previous-private-key-file: there"),
            line -> assertThat(line).contains("p2p.payers.heron.client-secret-file: there is no"),
            line -> assertThat(line).contains("p2p.payers.otter.client-secret-file: client-secret"))
        .allMatch(line -> line.matches("settings +FAILED +.*") && !line.contains(SECRET));
  }

  @ParameterizedTest
  @CsvSource({
    "private_key_jwt, private-key-file",
    "tls_client_auth, key-store",
    "client_secret_basic, client-secret",
    "auto, 'private-key-file, key-store or client-secret'",
  })
  void aWayWithoutWhatItNeedsStopsTheStartWithOneLine(String way, String missing) throws Exception {
    settings.add("p2p.payers.bison.token-auth=" + way);
    settings.add("p2p.payers.bison.client-secret=");

    assertThat(runConfigured("run")).isEqualTo(1);
    assertThat(err.toString())
        .isEqualToIgnoringNewLines(
            "payer-exchange: p2p.payers.bison.%s is missing".formatted(missing));
  }

  @Test
  void checkTellsWhereATokenIsFromAndHowItWasAskedFor() throws Exception {
    Path key = Files.writeString(folder.resolve("key.jwk"), TestKeys.P384);
    settings.add("p2p.payers.bison.token-url=");
    settings.add("p2p.payers.bison.token-auth=auto");
    settings.add("p2p.payers.bison.private-key-file=" + key);
    gateway.stub(
        get(urlPathEqualTo("/v1/bison/.well-known/smart-configuration"))
            .willReturn(okJson("{\"token_endpoint\":\"%s\"}".formatted(TOKENS))));
    gateway.stub(post(urlPathEqualTo(TOKENS)).willReturn(okJson("{\"access_token\":\"t\"}")));

    assertThat(runConfigured("check")).as(out.toString()).isZero();
    assertThat(out.toString())
        .containsPattern(
            "payer bison +ok +dialect 1up, %1$s/v1/bison answers 401 to metadata, token from %1$s%2$s by private_key_jwt"
                .formatted(gateway.url(), TOKENS));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "404 | {} | bison's smart-configuration answered 404",
        "200 | <html> | smart-configuration is no JSON object",
        "200 | {} | names no token_endpoint: set p2p.payers.bison.token-url",
        "200 | {`token_endpoint`: `https://foreign.example/t`} | set p2p.payers.bison.token-url to it",
        "200 | {`token_endpoint`: `/t`, `token_endpoint_auth_signing_alg_values_supported`: [`ES384`]} | ES384.*RS384",
      })
  void checkTellsInOneLineWhatIsWrongWithASmartConfiguration(
      int status, String document, String problem) throws Exception {
    Path key = Files.writeString(folder.resolve("key.jwk"), TestKeys.RSA);
    settings.add("p2p.payers.bison.token-url=");
    settings.add("p2p.payers.bison.token-auth=private_key_jwt");
    settings.add("p2p.payers.bison.private-key-file=" + key);
    gateway.stub(
        get(urlPathEqualTo("/v1/bison/.well-known/smart-configuration"))
            .willReturn(status(status).withBody(document.replace('`', '"'))));

    assertThat(runConfigured("check")).isEqualTo(1);
    assertThat(out.toString().lines().filter(line -> line.contains("FAILED")))
        .singleElement()
        .asString()
        .matches("payer bison +FAILED .*" + problem + ".*");
  }

  @Test
  void anUnknownDialectStopsTheStartWithOneLine() throws Exception {
    settings.add("p2p.payers.bison.dialect=x12");

    assertThat(runConfigured("run")).isEqualTo(1);
    assertThat(err.toString())
        .isEqualToIgnoringNewLines(
            "payer-exchange: p2p.payers.bison.dialect: unknown dialect 'x12', known are: 1up, hrex, pdex");
  }

  @Test
  void checkTriesEverythingOnceAndShowsNoSecret() throws Exception {
    gateway.stub(
        post(urlPathEqualTo(TOKENS))
            .willReturn(okJson("{\"access_token\":\"" + SECRET + "-token\",\"expires_in\":300}")));
    try (EmbeddedBroker broker = EmbeddedBroker.start();
        FhirTestServer fhir = FhirTestServer.start()) {
      settings.add("p2p.jms.url=" + broker.url());
      settings.add("p2p.deliver.fhir.base-url=" + fhir.url());

      assertThat(runConfigured("check")).as(out.toString()).isZero();
    }
    assertThat(out.toString())
        .containsPattern("settings +ok")
        .containsPattern("broker +ok")
        .containsPattern("database +ok")
        .containsPattern("payer bison +ok")
        .containsPattern("FHIR server +ok .*/fhir, FHIR 4\\.0")
        .doesNotContain(SECRET);
  }

  @Test
  void checkTellsOfACertificateThatEndsSoonAndSucceeds() throws Exception {
    gateway.stub(post(urlPathEqualTo(TOKENS)).willReturn(okJson("{\"access_token\":\"t\"}")));
    show(TestAuthority.make(folder.resolve("authority")).sign("soon", "https://we.example", 10));

    assertThat(runConfigured("check")).as(out.toString()).isZero();
    assertThat(out.toString())
        .containsPattern(
            "certificates +soon +p2p\\.payers\\.bison\\.key-store: its file is good until 20");
  }

  @Test
  void startAndCheckRefuseACertificateWhoseTimeIsOver() throws Exception {
    show(TestAuthority.make(folder.resolve("authority")).signEnded("over", "https://we.example"));
    String refusal = "p2p.payers.bison.key-store: ";

    assertThat(runConfigured("run")).isEqualTo(1);
    assertThat(err.toString()).startsWith("payer-exchange: " + refusal).hasLineCount(1);
    assertThat(runConfigured("check")).isEqualTo(1);
    assertThat(out.toString()).contains(refusal).doesNotContain(TestCertificate.PASSWORD);
  }

  private void show(TestCertificate certificate) {
    settings.add("p2p.payers.bison.key-store=" + certificate.keyStore());
    settings.add("p2p.payers.bison.key-store-password=" + TestCertificate.PASSWORD);
  }

  @Test
  void checkFailsForAFhirServerThatDoesNotAnswer() throws Exception {
    gateway.stub(post(urlPathEqualTo(TOKENS)).willReturn(okJson("{\"access_token\":\"t\"}")));
    settings.add("p2p.deliver.fhir.base-url=" + gateway.url() + "/nothing-here");
    gateway.stub(get(urlPathEqualTo("/nothing-here/metadata")).willReturn(notFound()));

    assertThat(runConfigured("check")).isEqualTo(1);
    assertThat(out.toString())
        .containsPattern("payer bison +ok")
        .contains("p2p.deliver.fhir.base-url (%s/nothing-here): ".formatted(gateway.url()))
        .containsPattern("FHIR server +FAILED");
  }

  @Test
  void checkNamesKeyAndAddressOfABrokerThatDoesNotAnswerWithoutItsSecrets() throws Exception {
    gateway.stub(post(urlPathEqualTo(TOKENS)).willReturn(okJson("{\"access_token\":\"t\"}")));
    settings.add("p2p.jms.url=tcp://127.0.0.1:1?trustStorePassword=" + SECRET);

    assertThat(runConfigured("check")).isEqualTo(1);
    assertThat(out.toString())
        .containsPattern("broker +FAILED +p2p.jms.url \\(tcp://127.0.0.1:1\\): ")
        .doesNotContain(SECRET);
  }

  @Test
  void checkSaysOfABrokersUrlThatItIsNone() throws Exception {
    gateway.stub(post(urlPathEqualTo(TOKENS)).willReturn(okJson("{\"access_token\":\"t\"}")));
    settings.add("p2p.jms.url=http://127.0.0.1:1");

    assertThat(runConfigured("check")).isEqualTo(1);
    assertThat(out.toString())
        .contains("p2p.jms.url (http://127.0.0.1:1): is no URL of a broker, such as tcp://");
  }

  @Test
  void statusSaysThatThereIsNoneOfThoseThatWereAskedFor() throws Exception {
    register();

    assertThat(runConfigured("status", "--failed")).isZero();
    assertThat(out.toString()).contains("no such transfers");
  }

  @Test
  void statusMakesNoLedgerWhereThereIsNone() throws Exception {
    assertThat(runConfigured("status")).isEqualTo(1);
    assertThat(err.toString())
        .startsWith("payer-exchange: p2p.database.url: there is no ledger at jdbc:h2:file:")
        .hasLineCount(1);
    assertThat(folder.resolve("data")).doesNotExist();
  }

  @Test
  void aFileOfSettingsThatCannotBeReadStopsTheStartWithOneLine() throws Exception {
    Files.createDirectory(config().resolve("payers.properties"));

    assertThat(runConfigured("run")).isEqualTo(1);
    assertThat(err.toString())
        .contains("payers.properties: is no file that can be read")
        .hasLineCount(1);
  }

  @Test
  void aNodeWithoutPayersSaysSo() throws Exception {
    settings.removeIf(setting -> setting.startsWith("p2p.payers."));

    assertThat(logUntil("no payer is configured", Map.of())).contains("see payers.properties");
  }

  @Test
  void aLogLevelThatThereIsNotStopsTheStart() throws Exception {
    assertThat(logUntil("P2P_LOG_LEVEL: must be one of", Map.of("P2P_LOG_LEVEL", "LOUD")))
        .doesNotContain("started in");
  }

  @Test
  void aLogFormatThatThereIsNotStopsTheStart() throws Exception {
    assertThat(
            logUntil("P2P_LOG_FORMAT: must be one of text, json", Map.of("P2P_LOG_FORMAT", "xml")))
        .doesNotContain("started in");
  }

  @Test
  void theStartIsAFewLinesThatTellWhatRunsWhereAndWithWhom() throws Exception {
    settings.add("p2p.deliver.file-uris.1=file:copies?tempPrefix=" + SECRET);

    List<String> lines = logUntil("started in ", Map.of()).lines().toList();

    assertThat(lines).hasSizeBetween(8, 12);
    assertThat(lines)
        .anyMatch(line -> line.contains("Payer Exchange "))
        .anyMatch(line -> line.contains(" ledger: jdbc:h2:file:/"))
        .anyMatch(line -> line.contains(" inbox: /"))
        .anyMatch(line -> line.contains(" payers: bison (dialect=1up)"))
        .anyMatch(line -> line.contains(" sinks: the outbox, file-uri-1 (file)"))
        .anyMatch(line -> line.contains(" off: messages (p2p.jms.url is empty), "))
        .noneMatch(line -> line.contains(SECRET));
  }

  @Test
  void withLogFormatJsonEachLineIsAnObject() throws Exception {
    List<String> lines = logUntil("started in ", Map.of("P2P_LOG_FORMAT", "json")).lines().toList();

    assertThat(lines).hasSizeBetween(8, 12);
    for (String line : lines) {
      JsonNode read = new ObjectMapper().readTree(line);
      assertThat(read.path("timestamp").asLong()).isPositive();
      assertThat(read.path("level").asText()).isIn("INFO", "WARN");
      assertThat(read.path("formattedMessage").asText()).isNotEmpty();
    }
  }

  @Test
  void atDebugOnlyThisProjectSaysMoreAndNoSecretOfTheBroker() throws Exception {
    settings.add("p2p.ops.port=0");
    settings.add("p2p.jms.url=tcp://127.0.0.1:1?trustStorePassword=" + SECRET);
    settings.add("p2p.deliver.fhir.base-url=http://127.0.0.1:1/fhir");
    List<String> lines =
        logUntil("started in ", Map.of("P2P_LOG_LEVEL", "DEBUG", "P2P_LOG_FORMAT", "json"))
            .lines()
            .toList();

    assertThat(lines).noneMatch(line -> line.contains(SECRET));
    Set<String> others = new TreeSet<>();
    for (String line : lines) {
      JsonNode read = new ObjectMapper().readTree(line);
      if (!read.path("level").asText().matches("INFO|WARN")) {
        others.add(read.path("loggerName").asText());
      }
    }
    others.removeIf(logger -> logger.startsWith("org.payerexchange."));
    assertThat(others).isEmpty();
  }

  private String logUntil(String words, Map<String, String> variables) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            classPath(),
            Launcher.class.getName(),
            "run",
            "--config",
            config().toString());
    builder.environment().putAll(variables);
    Path log = folder.resolve("log");
    Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      await()
          .atMost(Duration.ofMinutes(3))
          .untilAsserted(() -> assertThat(log).content().contains(words));
      return Files.readString(log);
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void aSinkThatIsMisspeltStopsStartAndCheckWithOneLineThatTellsNoValue() throws Exception {
    settings.add("p2p.deliver.file-uris.1=file:somewhere?fileNme=x&password=" + SECRET);
    String line =
        "p2p.deliver.file-uris.1: the sink file-uri-1 has options that its component does not know: fileNme, password";

    assertThat(runConfigured("check")).isEqualTo(1);
    assertThat(out.toString()).containsPattern("start +FAILED +" + line).doesNotContain(SECRET);
    assertThat(runConfigured("run")).isEqualTo(1);
    assertThat(err.toString()).isEqualToIgnoringNewLines("payer-exchange: " + line);
  }

  @Test
  void checkTriesTheSettingsOfTheOpsApi() throws Exception {
    settings.remove("p2p.ops.port=");
    settings.add("p2p.ops.host=0.0.0.0");

    assertThat(runConfigured("check")).isEqualTo(1);
    assertThat(out.toString()).containsPattern("settings +FAILED +p2p.ops.api-key: must be set");
  }

  @Test
  void checkFailsForAPayerThatGivesNoToken() throws Exception {
    gateway.stub(post(urlPathEqualTo(TOKENS)).willReturn(unauthorized()));

    assertThat(runConfigured("check")).isEqualTo(1);
    assertThat(out.toString())
        .containsPattern(
            "payer bison +FAILED +TOKEN_REFUSED, the token endpoint refused the client: 401: look at client-id, scope, token-url, token-auth, token-parameters and what shows who we are: client-secret and encode-credentials, private-key-file, key-store")
        .doesNotContain(SECRET);
  }

  @Test
  void checkNamesWhatToLookAtForAFhirServerThatGivesNoToken() throws Exception {
    gateway.stub(post(urlPathEqualTo(TOKENS)).willReturn(okJson("{\"access_token\":\"t\"}")));
    gateway.stub(post(urlPathEqualTo("/fhir-token")).willReturn(unauthorized()));
    settings.add("p2p.deliver.fhir.base-url=" + gateway.url() + "/fhir");
    settings.add("p2p.deliver.fhir.token-url=" + gateway.url() + "/fhir-token");
    settings.add("p2p.deliver.fhir.client-id=client");
    settings.add("p2p.deliver.fhir.client-secret=" + SECRET);

    assertThat(runConfigured("check")).isEqualTo(1);
    assertThat(out.toString())
        .containsPattern("payer bison +ok")
        .containsPattern("FHIR server +FAILED +TOKEN_REFUSED, .*encode-credentials")
        .doesNotContain(SECRET);
  }

  @Test
  void checkSaysWhatBaseUrlAnswersAndFailsWhereNothingDoes() throws Exception {
    gateway.stub(post(urlPathEqualTo(TOKENS)).willReturn(okJson("{\"access_token\":\"t\"}")));
    assertThat(told("check"))
        .containsPattern(
            "payer bison +ok +dialect 1up, .*/v1/bison answers 401 to metadata, token");

    gateway.stub(get(urlPathEqualTo("/v1/bison/metadata")).willReturn(status(503)));
    assertThat(runConfigured("check")).isEqualTo(1);
    assertThat(out.toString())
        .containsPattern("payer bison +FAILED +p2p.payers.bison.base-url \\(.*/v1/bison\\): .*503");

    settings.add(
        "p2p.payers.bison.base-url=http://127.0.0.1:%d/v1/bison".formatted(FreePort.find()));
    assertThat(runConfigured("check")).isEqualTo(1);
    assertThat(out.toString())
        .containsPattern("payer bison +FAILED +p2p.payers.bison.base-url \\(http://127.0.0.1:");
  }

  @Test
  void checkOfflineCallsNoPayer() throws Exception {
    settings.add(
        "p2p.payers.bison.base-url=http://127.0.0.1:%d/v1/bison".formatted(FreePort.find()));

    assertThat(told("check", "--offline"))
        .containsPattern("payer bison +off +not called: --offline")
        .containsPattern("database +ok");
  }

  @Test
  void checkLeavesNoLedgerAndNoFolderWhereNothingHasRunYet() throws Exception {
    settings.removeIf(
        line -> line.matches("p2p\\.(database\\.url|(inbox|work|outbox)\\.directory)=.*"));
    Path home = folder.resolve("home");
    settings.add("p2p.database.url=jdbc:h2:file:" + home.resolve("data/ledger"));
    for (String name : List.of("inbox", "work", "outbox")) {
      settings.add("p2p.%s.directory=%s".formatted(name, home.resolve(name)));
    }

    assertThat(told("check", "--offline"))
        .containsPattern("settings +ok +inbox " + home)
        .containsPattern("database +ok .*data/ledger, which the first start makes");

    assertThat(home).doesNotExist();
    assertThat(runConfigured("status")).isEqualTo(1);
    assertThat(err.toString()).contains("there is no ledger at");
  }

  @Test
  void noCommandWorksOnALedgerThatAMisspeltKeyDoesNotName() throws Exception {
    register();
    settings.add("p2p.databse.url=jdbc:postgresql://ledger.example/ledger");

    for (String command :
        List.of(
            "status",
            "cancel --all",
            "report --from 2020-01-01 --to 2020-01-02",
            "ledger backup x.zip")) {
      err.getBuffer().setLength(0);
      assertThat(runConfigured(command.split(" "))).as(command).isEqualTo(1);
      assertThat(err.toString()).contains("p2p.databse.url: there is no such key");
    }
  }

  @Test
  void checkDoesNotShowATokenThatComesAsPlainText() throws Exception {
    gateway.stub(post(urlPathEqualTo(TOKENS)).willReturn(ok(SECRET)));

    assertThat(runConfigured("check")).isEqualTo(1);
    assertThat(out.toString())
        .containsPattern(
            "payer bison +FAILED +TOKEN_REFUSED, payer bison's token endpoint gave no usable answer .*encode-credentials")
        .doesNotContain(SECRET);
  }

  @Test
  void statusAndCancelWorkOnTheLedgerOfAStoppedProcess() throws Exception {
    String id = register();

    assertThat(runConfigured("status")).isZero();
    assertThat(out.toString()).contains("RECEIVED 1").contains(id).contains("members.json");
    assertThat(runConfigured("cancel", id)).isZero();
    assertThat(runConfigured("cancel", id)).isEqualTo(1);
    assertThat(err.toString()).contains("a transfer that is CANCELLED is not cancelled");
    assertThat(runConfigured("status", id)).isZero();
    assertThat(out.toString()).contains("events").contains("cli:");
    assertThat(runConfigured("status", "no-such-transfer")).isEqualTo(1);
  }

  @Test
  void whatFiltersLetThroughIsCancelledAfterADryRun() throws Exception {
    register();

    assertThat(runConfigured("cancel", "--payer", "bison", "--state", "RECEIVED", "--dry-run"))
        .isZero();
    assertThat(out.toString()).contains("would have cancelled 1 of 1");
    assertThat(runConfigured("now", "--all")).isZero();
    assertThat(out.toString()).contains("tried 0 of 1").contains("  not 1: NOTHING_WAITS");
    assertThat(runConfigured("cancel", "--payer", "bison", "--state", "RECEIVED")).isZero();
    assertThat(out.toString()).contains("cancelled 1 of 1");
    assertThat(runConfigured("cancel", "--payer", "bison", "--reason", "LOUD")).isEqualTo(1);
    assertThat(err.toString()).contains("reason");
  }

  @Test
  void aMemberIsNotForgottenWhileSomethingGoesOn() throws Exception {
    register();
    assertThat(runConfigured("forget", "--payer", "bison", "--request-id", "none")).isEqualTo(1);
    assertThat(err.toString()).contains("there is no such request");
    assertThat(runConfigured("forget", "--payer", "bison", "--request-id", "R-1")).isEqualTo(1);
    assertThat(err.toString()).contains("cancel it, and wait");
    assertThat(runConfigured("forget", "--transfer", "none")).isEqualTo(1);
    assertThat(err.toString()).contains("there is no such transfer");
    assertThat(runConfigured("forget", "--payer", "bison")).as("half a request").isEqualTo(2);
  }

  @Test
  void digitsAreThoseOfAsciiInALanguageThatHasOthers() throws Exception {
    register();
    try (JavaProcess process =
        JavaProcess.start(
            folder.resolve("process"),
            JavaProcess.brief("-Duser.language=ar", "-Duser.country=EG"),
            Launcher.class,
            List.of("now", "--all", "--dry-run", "--config", config().toString()))) {
      assertThat(process.line()).isEqualTo("would have tried 0 of 1");
      assertThat(process.line()).isEqualTo("  not 1: NOTHING_WAITS");
    }
  }

  @Test
  void whatRepeatsIsListedChangedAndStoppedWithoutAnyProcess() throws Exception {
    assertThat(runConfigured("status", "--recurring")).isEqualTo(1);
    register();

    assertThat(runConfigured("status", "--recurring", "--payer", "bison")).isZero();
    assertThat(out.toString()).contains("no recurring requests");
    assertThat(runConfigured("status", "--recurring", "--failed")).isEqualTo(2);
    assertThat(runConfigured("recurring", "no-such", "--stop")).isEqualTo(1);
    assertThat(err.toString()).contains("no such recurring request");
    assertThat(runConfigured("recurring", "no-such", "--stop", "--every", "P1D")).isEqualTo(2);
  }

  @Test
  void aPayerIsPausedAndGoesOnWithoutAnyProcess() throws Exception {
    register();

    assertThat(told("pause", "--payer", "bison", "--dry-run"))
        .isEqualToIgnoringNewLines("would have paused payer bison");
    assertThat(told("pause", "--payer", "bison")).isEqualToIgnoringNewLines("paused payer bison");
    assertThat(told("pause", "--payer", "bison", "--dry-run"))
        .isEqualToIgnoringNewLines("paused payer bison already");
    assertThat(runConfigured("pause", "--payer", "bison")).isZero();
    assertThat(out.toString())
        .contains("paused payer bison")
        .contains("paused payer bison already");
    assertThat(runConfigured("status")).isZero();
    assertThat(out.toString()).contains("PAUSED");
    assertThat(runConfigured("resume", "--payer", "bison")).isZero();
    assertThat(out.toString()).contains("resumed payer bison");
    assertThat(runConfigured("pause", "--payer", "bisno")).isEqualTo(1);
    assertThat(err.toString()).contains("is its name right?");
  }

  @Test
  void statusShowsOpenBatchesAndAMemberNamesItsOwn() throws Exception {
    List<String> members;
    try (PayerExchange bundle = PayerExchange.start(setup().withRoutes("beans"))) {
      members =
          new Herd(bundle.bean("ledgerDatabase", LedgerDatabase.class)).register("Ash", "Birch");
    }

    assertThat(runConfigured("status", "--json", members.get(0))).as(err.toString()).isZero();
    String batch = new ObjectMapper().readTree(out.toString()).path("batch").asText();
    String line = "batch " + batch + " of payer large-herd, opened ";
    assertThat(told("status")).contains(line).contains("; members: 2 (2 RECEIVED)");
    assertThat(told("status", members.get(0))).containsPattern("batch +" + batch);
    assertThat(told("status", batch)).contains(line).contains("MATCH");
    assertThat(told("status", "--batch", batch)).contains(members).doesNotContain("transfers yet");
    assertThat(runConfigured("cancel", batch)).isEqualTo(1);
    assertThat(err.toString()).contains("its members are retried and cancelled");
  }

  @Test
  void statusSaysThatThereIsNoSuchBatch() throws Exception {
    register();

    assertThat(runConfigured("status", "--batch", "no-such-batch")).isEqualTo(1);
    assertThat(err.toString()).contains("there is no such batch");
  }

  /** What a command prints. */
  private String told(String... arguments) throws IOException {
    out.getBuffer().setLength(0);
    assertThat(runConfigured(arguments)).as(err.toString()).isZero();
    return out.toString();
  }

  @Test
  void statusNeedsNoSecretOfAPayer() throws Exception {
    String id = register();
    settings.removeIf(line -> line.startsWith("p2p.payers.bison.client-secret="));

    assertThat(runConfigured("status")).as(err.toString()).isZero();
    assertThat(out.toString()).contains(id);
  }

  @Test
  void statusPrintsJsonAsTheOpsApiAnswersIt() throws Exception {
    String id = register();

    assertThat(runConfigured("status", "--json", "--source", "members.json")).isZero();
    JsonNode page = new ObjectMapper().readTree(out.toString());
    assertThat(page.path("total").asInt()).isOne();
    assertThat(page.path("transfers").path(0).path("id").asText()).isEqualTo(id);
  }

  @Test
  void statusTakesTheFiltersOfTheOpsApi() throws Exception {
    String id = register();

    assertThat(told("status", "--state", "RECEIVED,MATCHED", "--payer", "bison")).contains(id);
    assertThat(told("status", "--received-until", "2000-01-01")).contains("no such transfers");
    assertThat(told("status", "--reason", "INTERNAL", "--request-id", "x"))
        .contains("no such transfers");
    assertThat(runConfigured("status", "--sink", "fihr")).isEqualTo(1);
    assertThat(err.toString()).contains("sink fihr is not configured");
    assertThat(runConfigured("status", "--reason", "BORED")).isEqualTo(1);
    assertThat(err.toString()).contains("reason is none of");
    assertThat(runConfigured("status", "--failed", "--state", "RECEIVED")).isEqualTo(1);
  }

  @Test
  void statusCountsByStateWhatFiltersLetThrough() throws Exception {
    register();

    assertThat(told("status", "--counts", "--source", "members.json", "--payer", "bison"))
        .isEqualToIgnoringNewLines("RECEIVED 1");
    assertThat(told("status", "--state", "RECEIVED,FAILED")).startsWith("RECEIVED 1\n");
    assertThat(told("status", "--counts", "--failed")).startsWith("no such transfers");
    assertThat(
            new ObjectMapper()
                .readTree(told("status", "--counts", "--json", "--source", "members.json")))
        .hasToString("{\"total\":1,\"states\":{\"RECEIVED\":1}}");
    assertThat(runConfigured("status", "--counts", "--failed", "--state", "FAILED")).isEqualTo(1);
    assertThat(runConfigured("status", "--counts", "some-id")).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"--watch=often", "--watch=1ms", "--watch=2d"})
  void aWatchThatLooksTooOftenOrTooSeldomIsAUsageError(String watch) {
    assertThat(run("status", watch)).isEqualTo(2);
    assertThat(err.toString()).contains("--watch");
  }

  @Test
  void aWatchEndsAtOnceWhereItsFirstLookFails() throws Exception {
    assertThat(runConfigured("status", "--watch")).isEqualTo(1);
    assertThat(err.toString()).contains("there is no ledger at").hasLineCount(1);
  }

  @Test
  void aWatchLeavesTheLedgerToOthersGoesOnWhenItIsBackAndEndsWithZero() throws Exception {
    String id = register();
    Path data = folder.resolve("data");
    Path away = folder.resolve("away");
    try (JavaProcess watch =
        JavaProcess.start(
            folder.resolve("watch"),
            JavaProcess.brief(),
            Launcher.class,
            List.of("status", "--watch=100ms", id, "--config", config().toString()))) {
      until(watch, "status +RECEIVED");
      await()
          .atMost(Duration.ofMinutes(3))
          .untilAsserted(() -> assertThat(runConfigured("cancel", id)).isZero());
      until(watch, "status +CANCELLED");
      await()
          .atMost(Duration.ofMinutes(3))
          .ignoreExceptions()
          .untilAsserted(() -> Files.move(data, away));
      until(watch, ".*Z the ledger is away, and asked again: .*");
      await()
          .atMost(Duration.ofMinutes(3))
          .ignoreExceptions()
          .untilAsserted(() -> Files.move(away, data));
      until(watch, "status +CANCELLED");

      assertThat(watch.terminate(Duration.ofMinutes(3))).hasValue(0);
    }
    assertThat(folder.resolve("watch/errors.log")).isEmptyFile();
  }

  private static void until(JavaProcess process, String line) throws IOException {
    String next = process.line();
    while (!next.matches(line)) {
      next = process.line();
    }
  }

  @Test
  void statusShowsAnyPageOfTheList() throws Exception {
    register();

    assertThat(runConfigured("status", "--json", "--page", "1")).isZero();
    JsonNode page = new ObjectMapper().readTree(out.toString());
    assertThat(page.path("total").asInt()).isOne();
    assertThat(page.path("page").asInt()).isOne();
    assertThat(page.path("transfers")).isEmpty();
    assertThat(runConfigured("status", "--page", "-1")).isEqualTo(1);
  }

  @Test
  void theReportIsPrintedInFiguresAsCsvAndAsJsonFromALedgerThatNobodyHasOpen() throws Exception {
    String id = register();
    String[] period = {"report", "--from", "2020-01-01", "--to", "2098-12-31"};

    assertThat(told(period))
        .contains("NOT_ASKED: id " + id, "enrolledOn 2026-01-02", "bison: 1 RECEIVED");
    assertThat(runConfigured(with(period, "--payer", "bisn"))).isEqualTo(1);
    assertThat(err.toString()).contains("payer bisn is not configured");
    assertThat(told("report", "--from", "2020-01-01", "--to", "2020-01-02", "--payer", "bison"))
        .isEqualToIgnoringNewLines("no requests");
    assertThat(told(with(period, "--csv")))
        .startsWith("id,payer,requestId,")
        .doesNotContain("M-77");
    JsonNode json = new ObjectMapper().readTree(told(with(period, "--json", "--include-members")));
    assertThat(json.at("/requests/0/memberId").asText()).isEqualTo("M-77");
    assertThat(told("status", id)).containsPattern("cli:\\S+ +REQUEST_SHOWN");

    assertThat(runConfigured("report", "--from", "2020-01-01")).isEqualTo(2);
    assertThat(runConfigured("report", "--from", "then", "--to", "2020-01-01")).isEqualTo(2);
    assertThat(err.toString()).contains("'then' is no day such as 2026-11-27");
    assertThat(runConfigured(with(period, "--csv", "--json"))).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "report --from 2020-01-01 --to 2098-12-31 --csv",
        "status --json",
        "status --help"
      })
  void whatIsPrintedToAFullDiskIsNoSuccess(String command) throws Exception {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "there is no /dev/full on this machine");
    register();

    assertThat(process(full, command.split(" "))).isOne();
    assertThat(errors())
        .content()
        .isEqualToIgnoringNewLines(
            "payer-exchange: not all that was to be printed could be written");
  }

  @ParameterizedTest
  @ValueSource(strings = {"report --from 2020-01-01 --to 2098-12-31 --csv", "status --json"})
  void whatIsPrintedIsUtf8InAnyLocale(String command) throws Exception {
    register("R-\u00e9");
    Path printed = folder.resolve("printed");

    assertThat(process(printed, command.split(" "))).isZero();
    assertThat(printed).content().contains("R-\u00e9");
    assertThat(errors()).isEmptyFile();
  }

  /** The exit code of one in a JVM of its own, in a locale that knows ASCII alone. */
  private int process(Path to, String... arguments) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
            with(
                new String[] {
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:TieredStopAtLevel=1",
                  "-cp",
                  classPath(),
                  Launcher.class.getName()
                },
                with(arguments, "--config", config().toString())));
    builder.environment().put("LC_ALL", "C");
    Process process = builder.redirectOutput(to.toFile()).redirectError(errors().toFile()).start();
    try {
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }

  private Path errors() {
    return folder.resolve("errors");
  }

  private static String[] with(String[] arguments, String... more) {
    return Stream.concat(Stream.of(arguments), Stream.of(more)).toArray(String[]::new);
  }

  @Test
  void whereItListensIsToldWithWhetherAKeyIsAskedFor() throws Exception {
    settings.remove("p2p.ops.port=");
    settings.add("p2p.ops.port=0");
    assertThat(told(8080))
        .isEqualTo("ops: http://127.0.0.1:8080, without a key, from this machine alone");

    settings.add("p2p.ops.host=::1");
    settings.add("p2p.ops.key-store=own.p12");
    settings.add("p2p.ops.observe-port=8081");
    settings.add("p2p.ops.api-key=the key");
    settings.add("p2p.ops.keys.night.key=key of the night");
    settings.add("p2p.ops.keys.night.role=reader");
    assertThat(told(8443))
        .isEqualTo(
            "ops: https://[::1]:8443, by the key of p2p.ops.api-key, night (reader), health and metrics without a key at port 8081");
  }

  private String told(int port) throws Exception {
    return setup().read(settings -> OpsSettings.of(settings).orElseThrow().words(port));
  }

  @Test
  void aProcessThatHasTheLedgerOpenIsAskedThroughItsOpsApi() throws Exception {
    String id = register();
    settings.remove("p2p.ops.port=");
    int port = FreePort.find();
    settings.add("p2p.ops.port=" + port);
    settings.add("p2p.ops.keys.night.key=key of the night");
    settings.add("p2p.ops.keys.night.role=reader");
    settings.add("p2p.ops.keys.desk.key=key of the desk");
    settings.add("p2p.ops.keys.desk.role=operator");
    // H2 lets one process in, and that one as often as it likes
    try (JavaProcess bundle =
        JavaProcess.start(
            folder.resolve("bundle"),
            JavaProcess.brief("-Dp2p.log.target=System.err"),
            Launcher.class,
            List.of("run", "--config", config().toString()))) {
      Desk opsApi = OpsDesk.open(setup());
      await()
          .atMost(Duration.ofMinutes(3))
          .ignoreExceptions()
          .until(() -> opsApi.list(Map.of()) != null);

      assertThat(runConfigured("status")).as(err.toString()).isZero();
      assertThat(out.toString()).contains(id);
      assertThat(runConfigured("cancel", "--all", "--dry-run")).isZero();
      assertThat(out.toString()).contains("would have cancelled 1 of 1");
      assertThat(told("report", "--from", "2020-01-01", "--to", "2098-12-31", "--csv"))
          .contains(id + ",bison,R-1,2026-01-02,")
          .contains(",NOT_ASKED,");
      assertThat(told("report", "--from", "2020-01-01", "--to", "2098-12-31"))
          .contains("NOT_ASKED: id " + id, "bison: 1 RECEIVED", "bison: 1 overdue, NOT_ASKED");
      assertThat(runConfigured("report", "--from", "2020-01-02", "--to", "2020-01-01"))
          .isEqualTo(1);
      assertThat(err.toString()).contains("payer-exchange: to is before from");
      assertThat(runConfigured("pause", "--payer", "bison")).isZero();
      assertThat(out.toString()).contains("paused payer bison");
      assertThat(runConfigured("cancel", id)).isZero();
      assertThat(runConfigured("cancel", id)).isEqualTo(1);
      assertThat(bundle.isAlive()).isTrue();
    }
  }

  @Test
  void aLedgerThatIsOpenInAProcessWithoutAnOpsApiIsTold() {
    assertThat(Failures.inOneLine(catchThrowable(() -> OpsDesk.open(setup()).list(Map.of()))))
        .contains("which has no ops API: p2p.ops.port is empty");
  }

  @Test
  void anOpsApiThatDoesNotAnswerIsToldWithItsAddress() {
    settings.remove("p2p.ops.port=");
    settings.add("p2p.ops.port=1");

    assertThat(Failures.inOneLine(catchThrowable(() -> OpsDesk.open(setup()).list(Map.of()))))
        .contains("no ops API answers at http://127.0.0.1:1/");
  }

  @Test
  void anAnswerThatIsNotOfAnOpsApiIsToldWithoutItsWords() {
    gateway.stub(get(urlPathEqualTo("/api/transfers")).willReturn(ok("<html>")));
    settings.remove("p2p.ops.port=");
    settings.add("p2p.ops.port=" + URI.create(gateway.url()).getPort());

    assertThat(Failures.inOneLine(catchThrowable(() -> OpsDesk.open(setup()).list(Map.of()))))
        .endsWith("is no ops API: 200");
  }

  @Test
  void aLedgersFolderThatCannotBeMadeStopsTheStartWithOneLine() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    settings.add("p2p.database.url=jdbc:h2:file:" + file.resolve("data/ledger"));

    assertThat(runConfigured("run")).isEqualTo(1);
    assertThat(err.toString())
        .startsWith("payer-exchange: p2p.database.url: ")
        .contains("cannot be used")
        .hasLineCount(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"outbox: ", "started in "})
  void environmentVariablesOverrideFilesAndSigtermEndsTheProcessWithZero(String stage)
      throws Exception {
    settings.add("p2p.shutdown.timeout=9s");
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            classPath(),
            Launcher.class.getName(),
            "run",
            "--config",
            config().toString());
    Path work = folder.resolve("work-of-the-environment");
    builder.environment().put("P2P_WORK_DIRECTORY", work.toString());
    Path log = folder.resolve("log");
    Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      await()
          .atMost(Duration.ofMinutes(3))
          .untilAsserted(() -> assertThat(log).content().contains(stage));
      assertThat(work).isDirectory();
      process.destroy();
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
      assertThat(process.exitValue()).as(Files.readString(log)).isZero();
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void checkOpensNoPortThoughTheEnvironmentNamesOne() throws Exception {
    gateway.stub(post(urlPathEqualTo(TOKENS)).willReturn(okJson("{\"access_token\":\"t\"}")));
    Path log = folder.resolve("log");
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      ProcessBuilder builder =
          new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-cp",
              classPath(),
              Launcher.class.getName(),
              "check",
              "--config",
              config().toString());
      builder.environment().put("P2P_OPS_PORT", String.valueOf(taken.getLocalPort()));
      Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
      try {
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(log)).isZero();
      } finally {
        process.destroyForcibly();
      }
    }

    assertThat(log).content().containsPattern("database +ok");
  }

  /** A transfer that waits, since its payer asked for a pause. */
  private String register() throws Exception {
    return register("R-1");
  }

  private String register(String requestId) throws Exception {
    try (PayerExchange bundle = PayerExchange.start(setup().withRoutes("beans"))) {
      String id =
          bundle
              .bean("transferLedger", TransferLedger.class)
              .register(
                  List.of(
                      new IntakeEntry.Accepted(
                          "members.json",
                          1,
                          requestId,
                          "bison",
                          "0".repeat(64),
                          "{\"id\":\"M-77\"}",
                          null,
                          LocalDate.of(2099, 12, 31),
                          "regular",
                          LocalDate.of(2026, 1, 2),
                          Set.of(),
                          null)))
              .get(0)
              .transferId();
      bundle.bean("payerHolds", PayerHolds.class).hold("bison", Duration.ofHours(1), "in a test");
      return id;
    }
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void theHelpOfTheSandboxTellsEveryFault(Fault fault) {
    assertThat(run("sandbox", "--help")).isZero();

    assertThat(out.toString().replaceAll("\\s+", " "))
        .contains(fault.name() + ": " + fault.description());
  }

  @ParameterizedTest
  @CsvSource({
    "private_key_jwt, --token-auth private_key_jwt needs --client-jwks or --client-jwks-url",
    "tls_client_auth, --token-auth tls_client_auth needs --tls-port",
    "kerberos, client_secret_post",
  })
  void aSandboxWithoutWhatItsClientsAreKnownByIsAUsageError(String method, String words) {
    assertThat(run("sandbox", "--no-broker", "--port", "0", "--token-auth", method)).isEqualTo(2);
    assertThat(err.toString()).contains(words);
  }

  @ParameterizedTest
  @ValueSource(strings = {"7", "-1", "NaN"})
  void aRateOfFaultsThatIsNoShareIsAUsageError(String rate) {
    assertThat(run("sandbox", "--no-broker", "--port", "0", "--fault", "THROTTLE=" + rate))
        .isEqualTo(2);
    assertThat(err.toString()).contains("--fault: the rate of THROTTLE is from 0 to 1");
  }

  @Test
  void noSandboxTakesAPrivateKey() throws Exception {
    Path keys = folder.resolve("jwks.json");
    Files.writeString(
        keys, new JWKSet(new ECKeyGenerator(Curve.P_384).keyID("one").generate()).toString(false));

    assertThat(run("sandbox", "--token-auth", "private_key_jwt", "--client-jwks", keys.toString()))
        .isEqualTo(2);
    assertThat(err.toString()).contains("--client-jwks: ").contains("private key");
  }

  private Setup setup() throws IOException {
    return new Setup(Optional.of(config()), Optional.empty());
  }

  private Path config() throws IOException {
    Path config = Files.createDirectories(folder.resolve("config"));
    Files.write(config.resolve("application.properties"), settings);
    return config;
  }

  private int runConfigured(String... arguments) throws IOException {
    List<String> all = new ArrayList<>(List.of(arguments));
    Collections.addAll(all, "--config", config().toString());
    return run(all.toArray(String[]::new));
  }

  private int run(String... arguments) {
    CommandLine launcher =
        Launcher.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    return launcher.execute(arguments);
  }

  /** The class path of the tests, without the jar that Surefire repeats it in. */
  private static String classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> !entry.contains("surefire"))
        .distinct()
        .collect(Collectors.joining(File.pathSeparator));
  }
}
