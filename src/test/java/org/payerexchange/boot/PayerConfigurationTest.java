package org.payerexchange.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Properties;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.auth.Credentials;
import org.payerexchange.auth.SigningKey;
import org.payerexchange.auth.TokenAuth;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.dialect.OneUp;
import org.payerexchange.http.TlsStores;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.Payers;

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
    set("trusted-hosts", "files.example");
    set("dialect", "1up");
    set("max-parallel-requests", "3");

    Payer payer = payers().get("bison");

    assertThat(payer.client().scope()).isEqualTo("member-match|read");
    assertThat(payer.aliasHosts()).containsExactlyInAnyOrder("one.example", "two.example:8443");
    assertThat(payer.trustedHosts()).containsExactly("files.example");
    assertThat(payer.maxParallelRequests()).isEqualTo(3);
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
  void anUnknownDialectIsNamedTogetherWithTheKnownOnes() {
    set("dialect", "x12");

    assertThatThrownBy(this::payers)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("p2p.payers.bison.dialect: unknown dialect 'x12', known are: 1up");
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

    assertThatThrownBy(() -> PayerConfiguration.connections(context, NO_STORES, Clock.systemUTC()))
        .hasMessage("p2p.payers.bison.proxy: must be like http://proxy.example:3128");
  }

  @Test
  void withoutKeysOfItsOwnAPayerIsReachedAsAllAre() {
    assertThat(PayerConfiguration.connections(context, NO_STORES, Clock.systemUTC())).isEmpty();
  }

  @Test
  void withoutPayersThereAreNone() {
    settings.clear();

    assertThat(payers().all()).isEmpty();
  }

  private Payers payers() {
    return PayerConfiguration.payers(context);
  }

  private void bison() {
    set("base-url", "https://gateway.example/v1/bison");
    set("token-url", "https://gateway.example/token");
    set("client-id", "id");
    set("client-secret", "secret");
  }

  private void set(String key, String value) {
    settings.setProperty("p2p.payers.bison." + key, value);
  }
}
