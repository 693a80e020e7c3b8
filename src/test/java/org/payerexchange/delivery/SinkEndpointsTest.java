package org.payerexchange.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jms.connection.CachingConnectionFactory;

class SinkEndpointsTest {
  private static final String SINK = "p2p.deliver.resource-uris.2: the sink resource-uri-2 ";

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          fil:here?password=s3cret             | needs the Camel component fil, which is not on the class path
          kafka:s3cret                         | needs the Camel component kafka, which is not on the class path
          s3cret                               | needs the Camel component s3cret, which is not on the class path
          file:here?fileNme=s3cret&appnd=x     | has options that its component does not know: appnd, fileNme
          jms:queue:q?deliveryMode=s3cret      | has a value that cannot be meant for its option deliveryMode
          file:here?filter=#s3cret             | has a value that cannot be meant for its option filter
          file                                 | is no whole URI, such as file:/var/lib/claims
          seda:later                           | leads to a route of this node, and none begins there
          timer:later                          | names a component that nothing can be sent to
          platform-http:/later                 | names a component that nothing can be sent to
          direct:publish-resourc               | leads to a route of this node, and none begins there
          direct:publish-resourc?block=false   | leads to a route of this node, and none begins there
          """)
  void aSinkThatCouldNeverBeDeliveredToIsRefused(String uri, String words) {
    assertThatThrownBy(() -> read(uri)).hasMessage(SINK + words);
  }

  @Test
  void aQueueWithoutABrokerIsRefused() throws Exception {
    try (CamelContext context = context()) {
      context.getRegistry().bind("broker", new CachingConnectionFactory());

      assertThatThrownBy(() -> sink("jms:queue:resources").requireUsable(context))
          .hasMessage(SINK + "needs a broker, and p2p.jms.url is empty");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "file:here?charset=s3cret",
        "jms:queue:q?concurrentConsumers=s3cret",
        "jms:?password=s3cret",
        "sql:?dataSource=#s3cret"
      })
  void noValueOfAUriIsTold(String uri) {
    assertThatThrownBy(() -> read(uri))
        .hasMessageStartingWith(SINK)
        .hasMessageNotContaining("s3cret")
        .hasMessageNotContaining("\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "direct:publish-resource",
        "direct:publish-resource?block=true&timeout=5000",
        "seda:publish-later",
        "jms:queue:resources?deliveryPersistent=true",
        "http://127.0.0.1:1/nobody?connectTimeout=1000"
      })
  void whatIsThereIsTakenThoughNobodyAnswersYet(String uri) {
    assertThatCode(() -> read(uri)).doesNotThrowAnyException();
  }

  @Test
  void noEndpointIsMadeByReadingAUri() throws Exception {
    try (CamelContext context = context()) {
      sink("file:" + folder.resolve("sink")).requireUsable(context);

      assertThat(folder).isEmptyDirectory();
      assertThat(context.getEndpoints()).isEmpty();
    }
  }

  private static void read(String uri) throws Exception {
    try (CamelContext context = context()) {
      sink(uri).requireUsable(context);
    }
  }

  private static SinkEndpoints sink(String uri) {
    return new SinkEndpoints(
        new Sinks(List.of(new Sink("resource-uri-2", Sink.Kind.RESOURCE, uri))));
  }

  private static CamelContext context() throws Exception {
    CamelContext context = new DefaultCamelContext();
    context.addRoutes(
        new RouteBuilder() {
          @Override
          public void configure() {
            from("direct://publish-resource?block=false").to("log:published");
            from("seda:publish-later").to("log:published");
          }
        });
    return context;
  }
}
