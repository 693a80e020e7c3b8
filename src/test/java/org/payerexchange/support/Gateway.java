package org.payerexchange.support;

import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.serverError;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.MappingBuilder;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.stubbing.Scenario;
import com.github.tomakehurst.wiremock.stubbing.StubMapping;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A payer's gateway under the control of a test, by {@code @RegisterExtension}. A request that no
 * stub expects is answered 500 and fails the test.
 */
public final class Gateway implements BeforeEachCallback, AfterEachCallback {
  private final WireMockServer server =
      new WireMockServer(
          options()
              .dynamicPort()
              .jettyAcceptors(1)
              .bindAddress("127.0.0.1")
              .stubCorsEnabled(false)
              .globalTemplating(false));
  private StubMapping unexpected;

  @Override
  public void beforeEach(ExtensionContext context) {
    start();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    try {
      assertNothingUnexpected();
    } finally {
      stop();
    }
  }

  /** Starts without JUnit's help. */
  public void start() {
    server.start();
    unexpected =
        server.stubFor(any(anyUrl()).atPriority(Integer.MAX_VALUE).willReturn(serverError()));
  }

  /** Stops without JUnit's help. */
  public void stop() {
    server.stop();
  }

  /** Adds an expected request and its answer. */
  public StubMapping stub(MappingBuilder request) {
    return server.stubFor(request);
  }

  /** Answers such requests one after the other, with the last answer for ever. */
  public void inTurn(Supplier<MappingBuilder> request, ResponseDefinitionBuilder... answers) {
    String scenario = UUID.randomUUID().toString();
    String state = Scenario.STARTED;
    for (int i = 0; i < answers.length - 1; i++) {
      String next = "after " + i;
      stub(
          request
              .get()
              .inScenario(scenario)
              .whenScenarioStateIs(state)
              .willReturn(answers[i])
              .willSetStateTo(next));
      state = next;
    }
    stub(
        request
            .get()
            .inScenario(scenario)
            .whenScenarioStateIs(state)
            .willReturn(answers[answers.length - 1]));
  }

  /** Answers the first such request so; those after it as ever. */
  public void once(MappingBuilder request, ResponseDefinitionBuilder answer) {
    stub(
        request
            .inScenario(UUID.randomUUID().toString())
            .whenScenarioStateIs(Scenario.STARTED)
            .willReturn(answer)
            .willSetStateTo("over"));
  }

  /** The server behind it, for verification and recorded requests. */
  public WireMockServer server() {
    return server;
  }

  /** Scheme, host and port, without a trailing slash. */
  public String url() {
    return "http://127.0.0.1:" + server.port();
  }

  /** The same server under another host's name, which is not the payer's. */
  public String foreignUrl() {
    return "http://localhost:" + server.port();
  }

  /** Fails if any request so far had no stub of its own. */
  public void assertNothingUnexpected() {
    List<String> requests =
        server.getAllServeEvents().stream()
            .filter(event -> event.getStubMapping().getId().equals(unexpected.getId()))
            .map(event -> event.getRequest().getMethod() + " " + event.getRequest().getUrl())
            .toList();
    assertThat(requests).as("requests that no stub expects").isEmpty();
  }
}
