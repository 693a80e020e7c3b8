package org.payerexchange.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.step.TransferException;

class SinksTest {

  @Test
  void everyNumberMakesASink() throws Exception {
    assertThat(configured(Map.of("p2p.deliver.file-uris.20261124", "file:somewhere")))
        .containsExactly("file-uri-20261124");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://sink.example/x?secret=s",
        "http:sink.example/x",
        "HTTP://sink.example",
        "netty-http:http://sink.example:8080/x",
        "netty-http:http:0.0.0.0:8080",
        "vertx-http:http://user:s@sink.example",
        "vertx-websocket:ws://sink.example",
        "ftp://user@sink.example/x",
        "http://127.0.0.1@sink.example/x",
        "http://localhost.example/x"
      })
  void anEndpointInClearTextOnAnotherMachineTakesAWordOfTheOperator(String uri) throws Exception {
    String key = "p2p.deliver.bundle-uris.2";

    assertThatThrownBy(() -> configured(Map.of(key, uri)))
        .hasMessageStartingWith(key + " is http")
        .hasMessageEndingWith("or set " + key + ".allow-http=true")
        .hasMessageNotContaining("secret=s");
    assertThatThrownBy(
            () -> configured(Map.of(key, uri, "p2p.deliver.file-uris.2.allow-http", "true")))
        .hasMessageStartingWith(key);
    assertThatThrownBy(() -> configured(Map.of(key, uri, key + ".allow-http", "yes")))
        .hasMessage(key + ".allow-http must be true or false");
    assertThat(configured(Map.of(key, uri, key + ".allow-http", "true")))
        .containsExactly("bundle-uri-2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://sink.example/x",
        "http://localhost:8080/x",
        "http:127.0.0.1:8080",
        "http://[::1]:80/x",
        "netty-http:http://127.0.0.1",
        "jms:queue:http",
        "file:http",
        "sftp://user@sink.example"
      })
  void otherEndpointsAreTakenAsTheyAre(String uri) throws Exception {
    assertThat(configured(Map.of("p2p.deliver.bundle-uris.2", uri)))
        .containsExactly("bundle-uri-2");
  }

  private static List<String> configured(Map<String, String> settings) throws Exception {
    try (CamelContext context = context(settings)) {
      return Sinks.of(context.getPropertiesComponent()).names();
    }
  }

  private static CamelContext context(Map<String, String> settings) {
    Properties properties = new Properties();
    properties.putAll(settings);
    CamelContext context = new DefaultCamelContext(false);
    context.getPropertiesComponent().setInitialProperties(properties);
    context.build();
    return context;
  }

  @ParameterizedTest
  @CsvSource({
    "fhir, p2p.deliver.fhir.base-url",
    "file-uri-2, p2p.deliver.file-uris.2",
    "bundle-uri-1, p2p.deliver.bundle-uris.1"
  })
  void aSinkThatWasTakenOutIsNamedByItsKey(String name, String key) {
    assertThatThrownBy(() -> new Sinks(List.of()).get(name))
        .isInstanceOf(TransferException.class)
        .hasMessageContaining(key + " is not configured any more: put it back");
  }

  @Test
  void bundlesOfNothingAreRefusedByTheNameOfTheirKey() {
    Sinks sinks = new Sinks(List.of());

    assertThatThrownBy(() -> new DeliveryMessages(sinks, null, null, 0, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("p2p.deliver.bundle-size");
  }
}
