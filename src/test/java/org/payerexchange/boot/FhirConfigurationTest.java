package org.payerexchange.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Properties;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.payerexchange.delivery.fhir.FhirServer;

/** Whether the FHIR server gets a token. */
class FhirConfigurationTest {
  private final DefaultCamelContext context = new DefaultCamelContext();
  private final Properties settings = new Properties();

  @BeforeEach
  void start() {
    context.getPropertiesComponent().setOverrideProperties(settings);
    context.start();
    set("base-url", "https://fhir.example");
    set("connect-timeout", "10s");
    set("response-timeout", "10s");
  }

  @AfterEach
  void stop() {
    context.stop();
  }

  @ParameterizedTest
  @CsvSource({
    "token-url, https://fhir.example/token",
    "token-auth, private_key_jwt",
    "token-auth, auto",
    "client-secret, secret",
    "client-secret-file, secret.txt",
    "private-key-file, key.jwk",
    "previous-private-key-file, key.jwk",
  })
  void whoeverSetsAKeyOfTokensIsToldThatTheClientIdIsMissing(String key, String value) {
    set(key, value);

    assertThatThrownBy(this::server).hasMessage("p2p.deliver.fhir.client-id is missing");
  }

  @Test
  void withoutAnyOfThemItIsCalledWithoutAToken() {
    set("token-auth", "client_secret_post");
    set("key-store", "client.p12");

    assertThat(server().credentials()).isEmpty();
  }

  @Test
  void whereThereIsNoServerNothingIsMissing() {
    set("base-url", "");
    set("private-key-file", "key.jwk");

    assertThat(server().credentials()).isEmpty();
  }

  private FhirServer server() {
    return FhirConfiguration.server(context);
  }

  private void set(String key, String value) {
    settings.setProperty("p2p.deliver.fhir." + key, value);
  }
}
