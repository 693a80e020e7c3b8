package org.payerexchange.delivery.fhir;

import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.payerexchange.auth.NewKey;
import org.payerexchange.sandbox.AuthMethod;
import org.payerexchange.sandbox.MutualTls;
import org.payerexchange.sandbox.RegisteredClient;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.FhirTestServer;
import org.payerexchange.support.Gateway;
import org.payerexchange.support.ReadyExports;
import org.payerexchange.support.TestAuthority;
import org.payerexchange.support.TestBundle;
import org.payerexchange.support.TestCertificate;
import org.payerexchange.support.TlsFront;

/**
 * A file through to a FHIR server that lets in nobody without our certificate, with a token of a
 * strict endpoint, by each way of showing it who we are.
 */
class FhirTokenTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String FILE = "/v1/bison/file";
  private static final String OUR_URI = RegisteredClient.DEFAULT_SAN_URI;

  @RegisterExtension final Gateway gateway = new Gateway();
  @TempDir Path folder;

  private FhirTestServer server;
  private TestCertificate serverCertificate;
  private TestAuthority authority;
  private TestCertificate own;
  private TestBundle bundle;

  @BeforeEach
  void prepare() throws Exception {
    server = FhirTestServer.start();
    serverCertificate = TestCertificate.make(folder, "server");
    authority = TestAuthority.make(folder.resolve("authority"));
    own = authority.sign("ours", OUR_URI, 90);
    bundle = ReadyExports.bundle(folder, gateway);
    gateway.stub(
        get(urlEqualTo(FILE)).willReturn(ok("{\"resourceType\":\"Observation\",\"id\":\"o1\"}\n")));
  }

  @AfterEach
  void close() throws Exception {
    bundle.close();
    server.close();
  }

  @ParameterizedTest
  @CsvSource({
    "client_secret_post, CLIENT_SECRET_POST, false",
    "client_secret_basic, CLIENT_SECRET_BASIC, false",
    "private_key_jwt, PRIVATE_KEY_JWT, false",
    "tls_client_auth, TLS_CLIENT_AUTH, false",
    "private_key_jwt, PRIVATE_KEY_JWT, true",
    "tls_client_auth, TLS_CLIENT_AUTH, true",
    "auto, CLIENT_SECRET_BASIC, true",
    "auto, PRIVATE_KEY_JWT, true",
    "auto, TLS_CLIENT_AUTH, true"
  })
  void aFileComesThrough(String tokenAuth, AuthMethod way, boolean discovered) throws Exception {
    JWKSet keys = key();
    try (Sandbox tokens =
            Sandbox.start(
                SandboxOptions.builder()
                    .tenants(Set.of("bison"))
                    .client(us -> us.withKeys(keys).withCertificateOf(OUR_URI).by(way))
                    .mutualTls(mutualTls())
                    .build());
        TlsFront front = new TlsFront(serverCertificate, own, server.url().replace("/fhir", ""))) {
      set("base-url", front.url() + "/fhir");
      set("token-auth", tokenAuth);
      if (discovered) {
        front.stub(
            get(urlEqualTo("/fhir/.well-known/smart-configuration"))
                .willReturn(
                    okJson(
                        """
                        {"token_endpoint": "%1$s",
                         "token_endpoint_auth_methods_supported": ["%2$s"],
                         "mtls_endpoint_aliases": {"token_endpoint": "%1$s"}}
                        """
                            .formatted(tokens.mutualTlsTokenUrl(), way))));
      } else {
        set("token-url", tokens.mutualTlsTokenUrl().toString());
      }
      bundle.start();

      bundle.awaitEnd(
          ReadyExports.in(bundle).of(ReadyExports.output("Observation", gateway.url() + FILE)),
          "COMPLETE");

      assertThat(server.resources()).containsKey("Observation/bison.o1");
      assertThat(server.headers())
          .allSatisfy(sent -> assertThat(sent.get("authorization")).startsWith("Bearer "));
      assertThat(tokens.requests().granted()).containsOnlyKeys(way);
      assertThat(tokens.requests().certificates()).hasSize(1);
    }
  }

  @Test
  void aKeyThatIsGoneHoldsTheSinkUntilItIsBackHoweverLong() throws Exception {
    JWKSet keys = key();
    Path file = folder.resolve("key.jwk");
    try (Sandbox tokens =
        Sandbox.start(
            SandboxOptions.builder()
                .client(us -> us.withKeys(keys).by(AuthMethod.PRIVATE_KEY_JWT))
                .build())) {
      set("base-url", server.url());
      set("token-url", tokens.tokenUrl().toString());
      set("token-auth", "private_key_jwt");
      bundle
          .set("p2p.token.refusal-memory", "300ms")
          .set("p2p.token.refused-deadline", "1ms")
          .start();
      Path away = Files.move(file, folder.resolve("away.jwk"));
      String id =
          ReadyExports.in(bundle).of(ReadyExports.output("Observation", gateway.url() + FILE));
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  bundle
                      .column("SELECT refused_reason FROM sink_gate WHERE look_at IS NOT NULL")
                      .equals(List.of("CREDENTIALS_UNUSABLE")));

      Files.move(away, file);

      bundle.awaitEnd(id, "COMPLETE");
      assertThat(server.resources()).containsKey("Observation/bison.o1");
    }
  }

  private JWKSet key() throws Exception {
    byte[] key = NewKey.ES384.make();
    set("client-id", SandboxOptions.DEFAULT_CLIENT_ID);
    set("client-secret", SandboxOptions.DEFAULT_CLIENT_SECRET);
    set("scope", SandboxOptions.SCOPE);
    set("private-key-file", Files.write(folder.resolve("key.jwk"), key).toString());
    return new JWKSet(JWK.parse(new String(key, UTF_8)).toPublicJWK());
  }

  private MutualTls mutualTls() {
    set("trust-store", serverCertificate.trustStore().toString());
    set("trust-store-password", TestCertificate.PASSWORD);
    set("key-store", own.keyStore().toString());
    set("key-store-password", TestCertificate.PASSWORD);
    return new MutualTls(
        0,
        serverCertificate.keyStore(),
        TestCertificate.PASSWORD,
        authority.trustStore(),
        TestCertificate.PASSWORD);
  }

  private void set(String key, String value) {
    bundle.set("p2p.deliver.fhir." + key, value);
  }
}
