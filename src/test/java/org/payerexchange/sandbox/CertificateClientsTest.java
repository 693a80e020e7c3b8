package org.payerexchange.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.support.TestAuthority;
import org.payerexchange.support.TestCertificate;

/** Clients that show who they are by a certificate, over real TLS; each refusal a test. */
class CertificateClientsTest {
  private static final String URI_OF_CLIENT = RegisteredClient.DEFAULT_SAN_URI;

  @TempDir static Path folder;

  private static TestAuthority authority;
  private static TestCertificate server;
  private static TestCertificate good;
  private static TestCertificate selfSigned;
  private static Sandbox sandbox;
  private static SandboxClient plain;

  @BeforeAll
  static void start() throws Exception {
    authority = TestAuthority.make(folder.resolve("authority"));
    server = TestCertificate.make(folder, "server");
    good = authority.sign("good", URI_OF_CLIENT, 90);
    selfSigned = TestCertificate.make(folder, "self");
    sandbox =
        Sandbox.start(
            SandboxOptions.builder()
                .client(
                    known ->
                        known
                            .by(AuthMethod.TLS_CLIENT_AUTH, AuthMethod.CLIENT_SECRET_POST)
                            .withCertificateOf(URI_OF_CLIENT))
                .mutualTls(
                    new MutualTls(
                        0,
                        server.keyStore(),
                        TestCertificate.PASSWORD,
                        authority.trustStoreWith(selfSigned),
                        TestCertificate.PASSWORD))
                .build());
    plain = new SandboxClient(sandbox);
  }

  @AfterAll
  static void stop() {
    sandbox.close();
  }

  @Test
  void theClientOfARegisteredCertificateGetsATokenThatOpensTheGateway() throws Exception {
    String token = token(good);

    assertThat(kickOff(good, token).statusCode()).isEqualTo(200);
  }

  @Test
  void aClientWithoutACertificateIsNotLetIn() {
    assertThatIOException().isThrownBy(() -> send(server.trusting(), tokenRequest()));
  }

  @Test
  void aCertificateOfAnotherAuthorityIsNotLetIn() throws Exception {
    TestCertificate stranger =
        TestAuthority.make(folder.resolve("other")).sign("stranger", URI_OF_CLIENT, 90);

    assertThatIOException().isThrownBy(() -> ask(stranger));
  }

  @Test
  void aCertificateWhoseTimeIsOverIsNotLetIn() throws Exception {
    TestCertificate ended = authority.signEnded("ended", URI_OF_CLIENT);

    assertThatIOException().isThrownBy(() -> ask(ended));
  }

  @Test
  void aCertificateWithAnotherUriIsRefused() throws Exception {
    refused(
        ask(authority.sign("neighbour", "https://neighbour.example", 90)),
        "The certificate has not the URI that is registered");
  }

  @Test
  void aCertificateThatSignsItselfIsRefusedThoughItIsTrusted() throws Exception {
    refused(ask(selfSigned), "The certificate is signed by itself");
  }

  @Test
  void anotherClientsIdIsRefused() throws Exception {
    refused(
        send(
            good,
            request(
                sandbox.mutualTlsTokenUrl(),
                "grant_type=client_credentials&scope=member-match%7Cread&client_id=another")),
        "Invalid client or Invalid client credentials");
  }

  @Test
  void thePortWithoutCertificatesGivesNoTokenForAClientIdAlone() {
    refused(plain.tokenResponse(form()), "The client has shown no certificate");
  }

  @Test
  void aHeaderOfTheClientsOwnIsNoCertificate() throws Exception {
    String header =
        ":%s:".formatted(Base64.getEncoder().encodeToString(good.certificate().getEncoded()));

    refused(
        plain.send(request(sandbox.tokenUrl(), body()).header("Client-Cert", header)),
        "The client has shown no certificate");
  }

  @Test
  void aTokenThatIsBoundToACertificateOpensNothingWithAnotherOne() throws Exception {
    TestCertificate renewed = authority.sign("renewed", URI_OF_CLIENT, 90);
    String token = token(good);

    assertThat(kickOff(renewed, token).statusCode()).isEqualTo(401);
    assertThat(kickOff(renewed, token(renewed)).statusCode()).isEqualTo(200);
  }

  @Test
  void aTokenThatIsBoundToACertificateOpensNothingWithoutOne() throws Exception {
    assertThat(plain.kickOff("bison", token(good), "load-1").statusCode()).isEqualTo(401);
  }

  @Test
  void theSmartConfigurationNamesTheWaysAndTheEndpointForCertificates() {
    JsonNode document = plain.json(plain.get("/v1/bison/.well-known/smart-configuration", "none"));

    assertThat(document.path("token_endpoint").asText()).isEqualTo(sandbox.tokenUrl().toString());
    assertThat(document.at("/mtls_endpoint_aliases/token_endpoint").asText())
        .isEqualTo(sandbox.mutualTlsTokenUrl().toString());
    assertThat(document.path("token_endpoint_auth_methods_supported"))
        .extracting(JsonNode::asText)
        .containsExactly("client_secret_post", "tls_client_auth");
    assertThat(plain.get("/v1/otter/.well-known/smart-configuration", "none").statusCode())
        .isEqualTo(404);
    assertThat(sandbox.requests().unexpected()).isEmpty();
  }

  private static String token(TestCertificate certificate) throws Exception {
    HttpResponse<String> answer = ask(certificate);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return plain.json(answer).path("access_token").asText();
  }

  private static HttpResponse<String> kickOff(TestCertificate certificate, String token)
      throws Exception {
    URI url = URI.create(sandbox.mutualTlsBaseUrl("bison") + "/bulk-data/r4/Group/load-1/$export");
    return send(
        certificate, HttpRequest.newBuilder(url).header("Authorization", "Bearer " + token));
  }

  private static HttpResponse<String> ask(TestCertificate certificate) throws Exception {
    return send(certificate, tokenRequest());
  }

  private static HttpRequest.Builder tokenRequest() {
    return request(sandbox.mutualTlsTokenUrl(), body());
  }

  private static HttpResponse<String> send(TestCertificate certificate, HttpRequest.Builder request)
      throws Exception {
    return send(certificate.showingTo(server), request);
  }

  private static HttpResponse<String> send(SSLContext tls, HttpRequest.Builder request)
      throws Exception {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .sslContext(tls)
        .build()
        .send(request.build(), BodyHandlers.ofString());
  }

  private static HttpRequest.Builder request(URI url, String form) {
    return HttpRequest.newBuilder(url)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .POST(BodyPublishers.ofString(form));
  }

  private static Map<String, String> form() {
    return Map.of(
        "grant_type",
        "client_credentials",
        "scope",
        SandboxOptions.SCOPE,
        "client_id",
        SandboxOptions.DEFAULT_CLIENT_ID);
  }

  private static String body() {
    return "grant_type=client_credentials&scope=member-match%7Cread&client_id="
        + SandboxOptions.DEFAULT_CLIENT_ID;
  }

  private static void refused(HttpResponse<String> answer, String why) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(401);
    assertThat(plain.json(answer).path("error_description").asText()).isEqualTo(why);
    assertThat(plain.json(answer).path("error").asText()).isEqualTo("invalid_client");
  }
}
