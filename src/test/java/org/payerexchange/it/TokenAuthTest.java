package org.payerexchange.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.payerexchange.sandbox.AuthMethod.CLIENT_SECRET_BASIC;
import static org.payerexchange.sandbox.AuthMethod.CLIENT_SECRET_POST;
import static org.payerexchange.sandbox.AuthMethod.PRIVATE_KEY_JWT;
import static org.payerexchange.sandbox.AuthMethod.TLS_CLIENT_AUTH;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.auth.NewKey;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.http.SmartConfigurations;
import org.payerexchange.payer.Payers;
import org.payerexchange.sandbox.AuthMethod;
import org.payerexchange.sandbox.LoadShape;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.MutualTls;
import org.payerexchange.sandbox.RegisteredClient;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.FreePort;
import org.payerexchange.support.TcpProxy;
import org.payerexchange.support.TestAuthority;
import org.payerexchange.support.TestBundle;
import org.payerexchange.support.TestCertificate;

/**
 * A member through to the outbox, by each way of showing a strict payer who we are; the payer says
 * itself where it gives tokens.
 */
class TokenAuthTest {
  private static final String OUR_URI = RegisteredClient.DEFAULT_SAN_URI;

  @TempDir Path folder;

  private final Map<String, String> settings = new HashMap<>();

  @Test
  void bySecretInTheForm() throws Exception {
    secret();

    comesThrough("client_secret_post", CLIENT_SECRET_POST, us -> us.by(CLIENT_SECRET_POST));
  }

  @Test
  void bySecretInHttpBasic() throws Exception {
    secret();

    comesThrough("client_secret_basic", CLIENT_SECRET_BASIC, us -> us.by(CLIENT_SECRET_BASIC));
  }

  @Test
  void byAnAssertionSignedWithRs384() throws Exception {
    JWKSet keys = key(NewKey.RS384);

    comesThrough("private_key_jwt", PRIVATE_KEY_JWT, us -> us.withKeys(keys).by(PRIVATE_KEY_JWT));
  }

  @Test
  void byAnAssertionSignedWithEs384() throws Exception {
    JWKSet keys = key(NewKey.ES384);

    comesThrough("private_key_jwt", PRIVATE_KEY_JWT, us -> us.withKeys(keys).by(PRIVATE_KEY_JWT));
  }

  @Test
  void byTheFormerKeyWhereThePayerDoesNotKnowTheNewOneYet() throws Exception {
    JWKSet known = key(NewKey.RS384);
    Path former = Files.move(folder.resolve("key.json"), folder.resolve("former.json"));
    settings.put("previous-private-key-file", former.toString());
    key(NewKey.ES384);

    comesThrough("private_key_jwt", PRIVATE_KEY_JWT, us -> us.withKeys(known).by(PRIVATE_KEY_JWT));
  }

  @Test
  void byACertificateOnTokenAndApiCallsAlike() throws Exception {
    comesThroughMutualTls(
        "tls_client_auth",
        TLS_CLIENT_AUTH,
        us -> us.withCertificateOf(OUR_URI).by(TLS_CLIENT_AUTH));
  }

  @Test
  void byAnAssertionWhereACertificateIsAskedForAsWell() throws Exception {
    JWKSet keys = key(NewKey.ES384);

    comesThroughMutualTls(
        "private_key_jwt", PRIVATE_KEY_JWT, us -> us.withKeys(keys).by(PRIVATE_KEY_JWT));
  }

  @Test
  void byTheCertificateWhereThePayerOffersSecretsAsWell() throws Exception {
    secret();

    comesThroughMutualTls(
        "auto",
        TLS_CLIENT_AUTH,
        us ->
            us.withCertificateOf(OUR_URI)
                .by(CLIENT_SECRET_POST, CLIENT_SECRET_BASIC, TLS_CLIENT_AUTH));
  }

  @Test
  void byTheCertificateAtAnEndpointWithAPortOfItsOwn() throws Exception {
    TestAuthority authority = TestAuthority.make(folder.resolve("authority"));
    MutualTls tls = mutualTls(authority, authority.sign("ours", OUR_URI, 90).keyStore());
    try (Sandbox sandbox =
            Sandbox.start(
                payer(us -> us.withCertificateOf(OUR_URI).by(TLS_CLIENT_AUTH))
                    .mutualTls(tls)
                    .build());
        TcpProxy api = new TcpProxy(sandbox.mutualTlsOrigin().getPort());
        TestBundle bundle =
            bundle("auto", URI.create("https://127.0.0.1:%d/v1/bison".formatted(api.port())))
                .start()) {
      comesThrough(bundle, 1);

      TokenClient us = bundle.bean("payers", Payers.class).get("bison").client();
      assertThat(
              bundle.bean("smartConfigurations", SmartConfigurations.class).applied(us).tokenUrl())
          .isEqualTo(sandbox.mutualTlsTokenUrl());
      assertThat(sandbox.requests().granted()).containsOnlyKeys(TLS_CLIENT_AUTH);
    }
  }

  @Test
  void byTheFormerKeyWhereTheNewOneIsSpoiledAndThatIsTold() throws Exception {
    JWKSet known = key(NewKey.ES384);
    Path former = Files.move(folder.resolve("key.json"), folder.resolve("former.json"));
    settings.put("previous-private-key-file", former.toString());
    key(NewKey.ES384);
    try (Sandbox sandbox =
            Sandbox.start(payer(us -> us.withKeys(known).by(PRIVATE_KEY_JWT)).build());
        TestBundle bundle = bundle("private_key_jwt", sandbox.baseUrl("bison")).ops().start()) {
      Files.writeString(folder.resolve("key.json"), "{\"kty\":");

      comesThrough(bundle, 1);

      assertThat(bundle.get("/observe/health/ready"))
          .contains("p2p.payers.bison.private-key-file", "cannot be read as a JWK");
      assertThat(sandbox.requests().granted()).containsExactly(Map.entry(PRIVATE_KEY_JWT, 1));
    }
  }

  @Test
  void byTheAssertionWhereThePayerOffersSecretsAsWell() throws Exception {
    secret();
    JWKSet keys = key(NewKey.ES384);

    comesThrough(
        "auto",
        PRIVATE_KEY_JWT,
        us -> us.withKeys(keys).by(CLIENT_SECRET_POST, CLIENT_SECRET_BASIC, PRIVATE_KEY_JWT));
  }

  @Test
  void byTheSecretWhereThePayerOffersNothingElseThatWeHave() throws Exception {
    secret();

    comesThrough("auto", CLIENT_SECRET_BASIC, us -> us.by(CLIENT_SECRET_BASIC, PRIVATE_KEY_JWT));
  }

  @Test
  void byAKeyThatThePayerReadsAtOurOpsPortAndByTheNextOne() throws Exception {
    int port = FreePort.find();
    URI published = URI.create("http://127.0.0.1:%d/.well-known/jwks.json".formatted(port));
    key(NewKey.ES384);
    settings.put("jku", published.toString());
    try (Sandbox sandbox =
            Sandbox.start(payer(us -> us.withKeysAt(published).by(PRIVATE_KEY_JWT)).build());
        TestBundle bundle = bundle("private_key_jwt", sandbox.baseUrl("bison"))) {
      bundle
          .set("p2p.ops.port", Integer.toString(port))
          .set("p2p.ops.publish-keys", "true")
          .start();
      comesThrough(bundle, 1);

      key(NewKey.RS384);
      sandbox.expireTokens();

      comesThrough(bundle, 2);
      assertThat(sandbox.requests().granted()).containsExactly(Map.entry(PRIVATE_KEY_JWT, 2));
    }
  }

  @Test
  void aPayerThatIsHeldForOurCertificateGoesOnOnceItIsReplaced() throws Exception {
    TestAuthority authority = TestAuthority.make(folder.resolve("authority"));
    Path store = folder.resolve("client.p12");
    Files.copy(authority.sign("other", "https://other.example", 90).keyStore(), store);
    MutualTls tls = mutualTls(authority, store);
    try (Sandbox sandbox =
            Sandbox.start(
                payer(us -> us.withCertificateOf(OUR_URI).by(TLS_CLIENT_AUTH))
                    .mutualTls(tls)
                    .build());
        TestBundle bundle = bundle("tls_client_auth", sandbox.mutualTlsBaseUrl("bison"))) {
      Pipeline pipeline = new Pipeline(bundle.set("p2p.token.refusal-memory", "500ms").start());
      pipeline.take(List.of(Pipeline.record("request-1", Members.load("bison", 1))));
      bundle.awaitHeldForTokens(1);

      Files.copy(
          authority.sign("ours", OUR_URI, 90).keyStore(),
          store,
          StandardCopyOption.REPLACE_EXISTING);

      pipeline.awaitEnd("request-1", "COMPLETE");
    }
  }

  private void secret() {
    settings.put("client-secret", SandboxOptions.DEFAULT_CLIENT_SECRET);
  }

  /** Makes the key that signs, and what the payer is given of it. */
  private JWKSet key(NewKey kind) throws Exception {
    byte[] key = kind.make();
    settings.put("private-key-file", Files.write(folder.resolve("key.json"), key).toString());
    return new JWKSet(JWK.parse(new String(key, UTF_8)).toPublicJWK());
  }

  private MutualTls mutualTls(TestAuthority authority, Path own) throws Exception {
    TestCertificate server = TestCertificate.make(folder, "server");
    settings.put("trust-store", server.trustStore().toString());
    settings.put("trust-store-password", TestCertificate.PASSWORD);
    settings.put("key-store", own.toString());
    settings.put("key-store-password", TestCertificate.PASSWORD);
    return new MutualTls(
        0,
        server.keyStore(),
        TestCertificate.PASSWORD,
        authority.trustStore(),
        TestCertificate.PASSWORD);
  }

  private static SandboxOptions.Builder payer(UnaryOperator<RegisteredClient> us) {
    return SandboxOptions.builder().tenants(Set.of("bison")).load(new LoadShape(2, 512)).client(us);
  }

  private TestBundle bundle(String tokenAuth, URI baseUrl) {
    settings.put("base-url", baseUrl.toString());
    settings.put("token-auth", tokenAuth);
    settings.put("client-id", SandboxOptions.DEFAULT_CLIENT_ID);
    settings.put("scope", SandboxOptions.SCOPE);
    TestBundle bundle = TestBundle.in(folder.resolve("bundle"));
    settings.forEach((key, value) -> bundle.set("p2p.payers.bison." + key, value));
    return bundle;
  }

  private void comesThrough(String tokenAuth, AuthMethod method, UnaryOperator<RegisteredClient> us)
      throws Exception {
    try (Sandbox sandbox = Sandbox.start(payer(us).build());
        TestBundle bundle = bundle(tokenAuth, sandbox.baseUrl("bison")).start()) {
      comesThrough(bundle, 1);
      assertThat(sandbox.requests().granted()).containsOnlyKeys(method);
      assertThat(sandbox.requests().unexpected()).isEmpty();
    }
  }

  private void comesThroughMutualTls(
      String tokenAuth, AuthMethod method, UnaryOperator<RegisteredClient> us) throws Exception {
    TestAuthority authority = TestAuthority.make(folder.resolve("authority"));
    MutualTls tls = mutualTls(authority, authority.sign("ours", OUR_URI, 90).keyStore());
    try (Sandbox sandbox = Sandbox.start(payer(us).mutualTls(tls).build());
        TestBundle bundle = bundle(tokenAuth, sandbox.mutualTlsBaseUrl("bison")).start()) {
      comesThrough(bundle, 1);
      assertThat(sandbox.requests().granted()).containsOnlyKeys(method);
      assertThat(sandbox.requests().certificates()).hasSize(1);
      assertThat(sandbox.requests().unexpected()).isEmpty();
    }
  }

  private static void comesThrough(TestBundle bundle, int member) throws Exception {
    Pipeline pipeline = new Pipeline(bundle);
    String request = "request-" + member;
    pipeline.take(List.of(Pipeline.record(request, Members.load("bison", member))));

    pipeline.awaitEnd(request, "COMPLETE");

    assertThat(pipeline.delivered("bison", pipeline.id(request)))
        .hasSize(3)
        .contains("manifest.json");
  }
}
