package org.payerexchange.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Properties;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;

class SinksTest {

  @Test
  void everyNumberMakesASink() throws Exception {
    Properties properties = new Properties();
    properties.setProperty("p2p.deliver.file-uris.20261124", "file:somewhere");
    try (CamelContext context = new DefaultCamelContext(false)) {
      context.getPropertiesComponent().setInitialProperties(properties);
      context.build();

      assertThat(Sinks.configured(context).names())
          .containsExactly("directory", "file-uri-20261124");
    }
  }

  @Test
  void bundlesOfNothingAreRefusedByTheNameOfTheirKey() {
    Sinks sinks = new Sinks(List.of());

    assertThatThrownBy(() -> new DeliveryMessages(sinks, null, null, 0, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("p2p.deliver.bundle-size");
  }
}
