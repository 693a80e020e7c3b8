package org.payerexchange.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.auth.Credentials;
import org.payerexchange.auth.SigningKey;
import org.payerexchange.auth.TokenAuth;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.dialect.OneUp;
import org.payerexchange.dialect.member.Parties;
import org.payerexchange.dialect.pdex.PatientJoin;
import org.payerexchange.dialect.pdex.Pdex;
import org.payerexchange.http.TlsStores;
import org.payerexchange.payer.AliasBase;
import org.payerexchange.payer.CallLimits;
import org.payerexchange.payer.CallWindow;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.Payers;
import org.payerexchange.payer.TokenOnFiles;

class PayerConfigurationTest {
  private static final TlsStores NO_STORES = new TlsStores("p2p.deliver.fhir", "", "", "", "");

  private final DefaultCamelContext context = new DefaultCamelContext();
  private final Properties settings = new Properties();

  @BeforeEach
  void start() {
    context.getPropertiesComponent().setOverrideProperties(settings);
    context.start();
    bison();
  }

  @AfterEach
  void stop() {
    context.stop();
  }

  @Test
  void fourKeysAreEnoughForAPayerOfTheFirstGateway() {
    Payer payer = payers().get("bison");

    assertThat(payer.dialect()).isEqualTo(new OneUp());
    assertThat(payer.aliasHosts()).containsExactly("gateway.1upcoredev.com");
    assertThat(payer.trustedHosts()).isEmpty();
    assertThat(payer.maxParallelRequests()).isEqualTo(8);
    assertThat(payer.client().scope()).isEmpty();
  }

  @Test
  void everyKeyOfAPayerIsRead() {
    set("scope", "member-match|read");
    set("alias-hosts", "one.example, two.example:8443");
    set("alias-bases", "three.example:8080/fhir, https://four.example/");
    set("trusted-hosts", "files.example");
    set("dialect", "1up");
    set("max-parallel-requests", "3");
    set("extra-headers", "environment: test");
    set("token-on-files", "same-host");
    set("calls-per-second", "5");
    set("calls-per-minute", "100");
    set("call-window", "20:00-06:00 America/Chicago");

    Payer payer = payers().get("bison");

    assertThat(payer.client().scope()).isEqualTo("member-match|read");
    assertThat(payer.aliasHosts()).containsExactlyInAnyOrder("one.example", "two.example:8443");
    assertThat(payer.aliasBases())
        .containsExactlyInAnyOrder(
            new AliasBase("three.example:8080", "/fhir"), new AliasBase("four.example:443", ""));
    assertThat(payer.trustedHosts()).containsExactly("files.example");
    assertThat(payer.maxParallelRequests()).isEqualTo(3);
    assertThat(payer.extraHeaders().values()).containsOnly(entry("environment", "test"));
    assertThat(payer.tokenOnFiles()).isEqualTo(TokenOnFiles.SAME_HOST);
    assertThat(payer.limits())
        .isEqualTo(
            new CallLimits(5, 100, Optional.of(CallWindow.of("20:00-06:00 America/Chicago"))));
  }

  @Test
  void whoAsksAndWhoIsAskedIsEnoughForPdex() {
    pdex();

    Pdex pdex = (Pdex) payers().get("bison").dialect();

    assertThat(pdex.parties())
        .isEqualTo(
            new Parties(
                new Parties.Organization("New Payer", "0123456788"),
                URI.create("https://new-payer.example"),
                new Parties.Organization("Old Payer", "9876543213")));
    assertThat(pdex.batchSize()).isEqualTo(100);
    assertThat(pdex.batchWait()).isEqualTo(Duration.ofMinutes(1));
    assertThat(pdex.exportType()).isEqualTo("hl7.fhir.us.davinci-pdex#payertopayer");
    assertThat(pdex.statusUrls()).isEqualTo(Pdex.StatusUrls.TOLD);
    assertThat(pdex.patientJoin()).isEqualTo(PatientJoin.REPEAT);
    assertThat(payers().get("bison").aliasHosts()).isEmpty();
  }

  @Test
  void everyKeyOfPdexIsRead() {
    pdex();
    set("dialect", "PDex");
    set("match-batch-size", "500");
    set("match-batch-wait", "4h30m");
    set("export-type", "hl7.fhir.us.davinci-pdex.p2p");
    set("status-url-template", "$bulk-member-match-status/{jobId}");
    set("export-status-url-template", "/export/{jobId}");
    set("patient-join", "comma");

    Pdex pdex = (Pdex) payers().get("bison").dialect();

    assertThat(pdex.batchSize()).isEqualTo(500);
    assertThat(pdex.batchWait()).isEqualTo(Duration.ofMinutes(270));
    assertThat(pdex.exportType()).isEqualTo("hl7.fhir.us.davinci-pdex.p2p");
    assertThat(pdex.statusUrls())
        .isEqualTo(new Pdex.StatusUrls("$bulk-member-match-status/{jobId}", "/export/{jobId}"));
    assertThat(pdex.patientJoin()).isEqualTo(PatientJoin.COMMA);
  }

  @Test
  void oneTemplateOfAStatusUrlIsForBothKindsOfJobs() {
    pdex();
    set("status-url-template", "jobs/{jobId}");

    assertThat(((Pdex) payers().get("bison").dialect()).statusUrls())
        .isEqualTo(new Pdex.StatusUrls("jobs/{jobId}", "jobs/{jobId}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "p2p.organization.name",
        "p2p.organization.npi",
        "p2p.organization.uri",
        "p2p.payers.bison.organization.name",
        "p2p.payers.bison.organization.npi"
      })
  void pdexNeedsToKnowWhoAsksAndWhoIsAsked(String key) {
    pdex();
    settings.remove(key);

    assertThatThrownBy(this::payers)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(key + " is missing, p2p.payers.bison.dialect=pdex needs it");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "p2p.organization.npi | 123 | must be an NPI: ten digits",
        "p2p.organization.uri | new-payer | must be an absolute URI",
        "p2p.payers.bison.organization.npi | 12345678901 | must be an NPI: ten digits, of which the last checks the others",
        "p2p.payers.bison.organization.npi | 1234567890 | must be an NPI: ten digits, of which the last checks the others",
        "p2p.payers.bison.match-batch-size | 0 | must be a number from 1 to 5000",
        "p2p.payers.bison.match-batch-size | 5001 | must be a number from 1 to 5000",
        "p2p.payers.bison.match-batch-size | many | must be a number from 1 to 5000",
        "p2p.payers.bison.match-batch-wait | soon | must be a duration",
        "p2p.payers.bison.match-batch-wait | 366d | must not be more than 365d",
        "p2p.payers.bison.export-type | payer to payer | must be one word",
        "p2p.payers.bison.status-url-template | export/jobId | must hold {jobId}",
        "p2p.payers.bison.export-status-url-template | export | must hold {jobId}",
        "p2p.payers.bison.patient-join | comas | must be one of repeat, comma, none",
        "p2p.payers.bison.token-on-files | always | must be one of manifest, never, same-host",
        "p2p.payers.bison.alias-bases | hapi/../fhir | must hold host/path, host:port/path or URLs",
        "p2p.payers.bison.token-parameters | audience | must be like 'Name: value; Name2: value'",
        "p2p.payers.bison.token-parameters | a: 1; A: 2 | has A twice",
        "p2p.payers.bison.token-parameters | grant_type: password | the field grant_type is not to be set",
        "p2p.payers.bison.token-parameters | a: 1; Scope: all | the field Scope is not to be set",
        "p2p.payers.bison.token-parameters | client_id: me | the field client_id is not to be set",
        "p2p.payers.bison.token-parameters | client_secret: s | the field client_secret is not to be set",
        "p2p.payers.bison.token-parameters | client_assertion: s | the field client_assertion is not to be set",
        "p2p.payers.bison.token-parameters | client_assertion_type: s | the field client_assertion_type is not to be set",
        "p2p.payers.bison.token-headers | Authorization: s | the header Authorization is not to be set",
        "p2p.payers.bison.extra-headers | environment | must be like 'Name: value; Name2: value'"
      })
  void whatPdexCannotUseIsNamedByItsKey(String key, String value, String problem) {
    pdex();
    settings.setProperty(key, value);

    assertThatThrownBy(this::payers)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(key + ": ")
        .hasMessageContaining(problem);
  }

  @ParameterizedTest
  @CsvSource({
    "tomorrow, false, must be a time in UTC such as 2026-12-31T23:59:59Z",
    "2026-12-31, false, must be a time in UTC such as 2026-12-31T23:59:59Z",
    "2026-12-31T23:59:59Z, true, must not be set with incremental=true"
  })
  void anEndThatCannotBeAskedForIsNamed(String until, String incremental, String problem) {
    set("until", until);
    set("incremental", incremental);

    assertThatThrownBy(
            () ->
                configuration()
                    .exportScopes(PayerConfiguration.payers(context), null, Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("p2p.payers.bison.until: " + problem);
  }

  @Test
  void withoutTypesAnExportAsksForThoseOfItsDialect() {
    assertThat(types()).isEmpty();
    pdex();
    assertThat(types()).startsWith("AllergyIntolerance,").endsWith(",Provenance");
  }

  private String types() {
    return configuration()
        .exportScopes(PayerConfiguration.payers(context), null, Duration.ZERO)
        .types("bison");
  }

  @Test
  void everyKeyOfWhoWeAreIsRead() {
    set("token-auth", "private_key_jwt");
    set("client-secret", "");
    set("private-key-file", "new.jwk");
    set("private-key-password", "open it");
    set("key-id", "2027");
    set("previous-private-key-file", "old.p12");
    set("previous-private-key-password", "open that");
    set("previous-key-id", "2026");
    set("jku", "https://keys.example/jwks.json");
    set("assertion-audience", "https://issuer.example");
    set("key-store", "client.p12");

    TokenClient client = payers().get("bison").client();

    assertThat(client.tokenAuth()).isEqualTo(TokenAuth.PRIVATE_KEY_JWT);
    Credentials credentials = client.credentials();
    assertThat(credentials.keys())
        .containsExactly(
            new SigningKey(
                "p2p.payers.bison.private-key-file", Path.of("new.jwk"), "open it", "2027"),
            new SigningKey(
                "p2p.payers.bison.previous-private-key-file",
                Path.of("old.p12"),
                "open that",
                "2026"));
    assertThat(credentials.jku()).contains(URI.create("https://keys.example/jwks.json"));
    assertThat(credentials.audience()).contains("https://issuer.example");
    assertThat(credentials.certificate()).isTrue();
    assertThat(credentials.secret().isSet()).isFalse();
    assertThat(credentials.toString() + client).doesNotContain("open it", "open that");
  }

  @Test
  void aPublicKeysUrlInClearTextIsNamedByItsKey() {
    set("jku", "http://keys.example/jwks.json");

    assertThatThrownBy(this::payers).hasMessageStartingWith("p2p.payers.bison.jku is http");
  }

  @Test
  void aMissingSecretIsNamedByItsKey() {
    settings.remove("p2p.payers.bison.client-secret");

    assertThatThrownBy(this::payers)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("p2p.payers.bison.client-secret is missing");
  }

  @Test
  void allThatIsWrongWithAllPayersIsToldAtOnce() {
    pdex();
    settings.remove("p2p.organization.uri");
    set("organization.npi", "123");
    set("match-batch-size", "0");
    set("max-parallel-requests", "many");
    set("calls-per-second", "0");
    set("calls-per-minute", "1.5");
    set("call-window", "20-6");
    settings.setProperty("p2p.payers.heron.base-url", "heron");

    assertThatThrownBy(this::payers)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(
            "p2p.organization.uri is missing, p2p.payers.bison.dialect=pdex needs it",
            "p2p.payers.bison.organization.npi: must be an NPI",
            "p2p.payers.bison.match-batch-size: must be a number from 1 to 5000",
            "p2p.payers.bison.max-parallel-requests: 'many' is not a number",
            "p2p.payers.bison.calls-per-second: must be at least 1",
            "p2p.payers.bison.calls-per-minute: '1.5' is not a number",
            "p2p.payers.bison.call-window: must be like 20:00-06:00 America/Chicago",
            "p2p.payers.heron.");
  }

  @Test
  void anUnknownDialectIsNamedTogetherWithTheKnownOnes() {
    set("dialect", "x12");

    assertThatThrownBy(this::payers)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("p2p.payers.bison.dialect: unknown dialect 'x12', known are: 1up, hrex, pdex");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "proxy.example",
        "proxy.example:3128",
        "https://p.example:1",
        "http://u:p@p.example:1"
      })
  void aProxyThatIsNoneIsNamedByItsKeyWithoutItsValue(String proxy) {
    set("proxy", proxy);

    assertThatThrownBy(() -> configuration().connections(NO_STORES, Clock.systemUTC()))
        .hasMessage("p2p.payers.bison.proxy: must be like http://proxy.example:3128");
  }

  @Test
  void withoutKeysOfItsOwnAPayerIsReachedAsAllAre() {
    assertThat(configuration().connections(NO_STORES, Clock.systemUTC())).isEmpty();
  }

  @Test
  void withoutPayersThereAreNone() {
    settings.clear();

    assertThat(payers().all()).isEmpty();
  }

  private Payers payers() {
    return PayerConfiguration.payers(context);
  }

  private void pdex() {
    set("dialect", "pdex");
    settings.setProperty("p2p.organization.name", "New Payer");
    settings.setProperty("p2p.organization.npi", "0123456788");
    settings.setProperty("p2p.organization.uri", "https://new-payer.example");
    set("organization.name", "Old Payer");
    set("organization.npi", "9876543213");
  }

  private void bison() {
    set("base-url", "https://gateway.example/v1/bison");
    set("token-url", "https://gateway.example/token");
    set("client-id", "id");
    set("client-secret", "secret");
  }

  private PayerConfiguration configuration() {
    return new PayerConfiguration(new Settings(context));
  }

  private void set(String key, String value) {
    settings.setProperty("p2p.payers.bison." + key, value);
  }
}
