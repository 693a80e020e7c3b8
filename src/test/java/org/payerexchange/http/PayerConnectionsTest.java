package org.payerexchange.http;

import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathMatching;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.apache.camel.CamelExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.Payers;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;
import org.payerexchange.support.Gateway;
import org.payerexchange.support.TestBundle;
import org.payerexchange.support.TlsFront;

/** TLS stores and proxy of one payer, over real TLS and a real proxy. */
class PayerConnectionsTest {
  /** A path as a signed URL has it, which must arrive byte for byte. */
  private static final String FILE = "/v1/bison/$export/file/one.ndjson?sig=a%2Fb+c";

  @TempDir Path folder;

  @RegisterExtension final Gateway gateway = new Gateway();

  private TlsFront front;
  private TestBundle bundle;

  @BeforeEach
  void start() throws Exception {
    front = TlsFront.before(gateway.url(), folder);
    bundle = TestBundle.in(folder).payer("bison", front.url()).payer("otter", front.url());
  }

  @AfterEach
  void stop() {
    bundle.close();
    front.close();
  }

  @Test
  void aPayersStoresServeItsTokenEndpointAndItsGatewayAndNoOtherPayer() throws Exception {
    front.settings().forEach((key, value) -> bundle.set("p2p.payers.bison." + key, value));
    bundle.start();
    answer();

    assertThat(call("bison")).isEqualTo("{}");
    assertThat(front.requests()).isEqualTo(2);
    assertThat(refusal("otter").reason()).isEqualTo(FailureReason.PAYER_UNAVAILABLE);
    assertThat(front.requests()).isEqualTo(2);
  }

  @Test
  void withoutItsOwnCertificateAPayerThatAsksForOneIsNotReached() throws Exception {
    Map<String, String> settings = front.settings();
    bundle
        .set("p2p.payers.bison.trust-store", settings.get("trust-store"))
        .set("p2p.payers.bison.trust-store-password", settings.get("trust-store-password"))
        .start();

    assertThat(refusal("bison").reason()).isEqualTo(FailureReason.PAYER_UNAVAILABLE);
    assertThat(front.requests()).isZero();
  }

  @Test
  void aStoreThatCannotBeOpenedIsNamedByItsKeyBeforeAnythingStarts() {
    front.settings().forEach((key, value) -> bundle.set("p2p.payers.bison." + key, value));
    bundle.set("p2p.payers.bison.key-store-password", "not-the-password");

    assertThatThrownBy(bundle::start)
        .hasMessageStartingWith("p2p.payers.bison.key-store: ")
        .hasMessageNotContaining("not-the-password");
  }

  @Test
  void aPayersProxyCarriesAllItsCallsAndNoOtherPayers() throws Exception {
    WireMockServer proxy =
        new WireMockServer(
            WireMockConfiguration.options()
                .dynamicPort()
                .bindAddress("127.0.0.1")
                .enableBrowserProxying(true));
    proxy.start();
    try {
      bundle
          .payer("bison", gateway.url())
          .payer("otter", gateway.url())
          .set("p2p.payers.bison.proxy", "http://127.0.0.1:" + proxy.port())
          .start();
      answer();

      assertThat(call("bison")).isEqualTo("{}");
      assertThat(proxy.getAllServeEvents())
          .extracting(event -> event.getRequest().getAbsoluteUrl())
          .hasSize(2)
          .contains(gateway.url() + FILE);
      assertThat(call("otter")).isEqualTo("{}");
      assertThat(proxy.getAllServeEvents()).hasSize(2);
    } finally {
      proxy.stop();
    }
  }

  private void answer() {
    gateway.stub(
        post(urlPathMatching("/auth/.*"))
            .willReturn(okJson("{\"access_token\":\"t1\",\"expires_in\":300}")));
    gateway.stub(get(urlEqualTo(FILE)).willReturn(ok("{}")));
  }

  private String call(String id) throws Exception {
    Payer payer = bundle.bean("payers", Payers.class).get(id);
    URI base = payer.baseUrl();
    PayerRequest request =
        PayerRequest.get(
            payer,
            URI.create(base.getScheme() + "://" + base.getAuthority() + FILE),
            Map.of(),
            Set.of(200));
    try (InputStream body =
        bundle.template().requestBody("direct:call-payer", request, InputStream.class)) {
      return new String(body.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private TransferException refusal(String id) {
    try {
      call(id);
    } catch (CamelExecutionException e) {
      return (TransferException) e.getCause();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    throw new AssertionError("the call succeeded");
  }
}
