package org.payerexchange.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PayerExchangeTest {
  @TempDir Path folder;

  @Test
  void operatorsFilesOverrideTheDefaultsAndOverridesWinOverFiles() throws Exception {
    Files.writeString(
        folder.resolve("application.properties"),
        "p2p.poll.min-delay=7s\np2p.poll.max-delay=70s\np2p.shutdown.timeout=3s\n");
    Files.writeString(folder.resolve("payers.properties"), "p2p.payers.bison.base-url=http://a\n");
    Setup setup =
        new Setup(
            Optional.of(folder),
            Optional.empty(),
            Map.of("p2p.ops.port", "", "p2p.poll.max-delay", "71s"));
    try (PayerExchange bundle = PayerExchange.start(setup)) {
      CamelContext context = bundle.context();
      assertThat(context.resolvePropertyPlaceholders("{{p2p.tick}}")).isEqualTo("1s");
      assertThat(context.resolvePropertyPlaceholders("{{p2p.poll.min-delay}}")).isEqualTo("7s");
      assertThat(context.resolvePropertyPlaceholders("{{p2p.poll.max-delay}}")).isEqualTo("71s");
      assertThat(context.resolvePropertyPlaceholders("{{p2p.payers.bison.base-url}}")).isEqualTo("http://a");
      assertThat(context.getShutdownStrategy().getTimeout()).isEqualTo(3);
      assertThat(context.isStreamCaching()).isFalse();
      for (String d : new String[]{"5s","30d","500ms","72h","5m"}) {
        System.out.println(d + " -> " + context.getTypeConverter().tryConvertTo(Duration.class, d)+ " " + context.getTypeConverter().tryConvertTo(Long.class, d));
      }
      System.out.println(context.getRegistry().findByTypeWithName(Clock.class));
    }
  }
}
