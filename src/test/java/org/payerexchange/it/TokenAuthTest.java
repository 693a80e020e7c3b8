package org.payerexchange.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.auth.NewKey;
import org.payerexchange.sandbox.AuthMethod;
import org.payerexchange.sandbox.LoadShape;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.MutualTls;
import org.payerexchange.sandbox.RegisteredClient;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.TestAuthority;
import org.payerexchange.support.TestBundle;
import org.payerexchange.support.TestCertificate;

/** A member through to the outbox, by each way of showing a strict payer who we are. */
class TokenAuthTest {
  @TempDir Path folder;

  private final Map<String, String> settings = new HashMap<>();

  @Test
  void bySecretInTheForm() throws Exception {
    secret();
    settings.put("token-auth", "client_secret_post");

    comesThrough(AuthMethod.CLIENT_SECRET_POST, client -> client);
  }

  @Test
  void bySecretInHttpBasic() throws Exception {
    secret();
    settings.put("token-auth", "client_secret_basic");

    comesThrough(AuthMethod.CLIENT_SECRET_BASIC, client -> client);
  }

  @Test
  void byAnAssertionSignedWithRs384() throws Exception {
    JWKSet keys = key(NewKey.RS384);
    settings.put("token-auth", "private_key_jwt");

    comesThrough(AuthMethod.PRIVATE_KEY_JWT, client -> client.withKeys(keys));
  }

  @Test
  void byAnAssertionSignedWithEs384() throws Exception {
    JWKSet keys = key(NewKey.ES384);
    settings.put("token-auth", "private_key_jwt");

    comesThrough(AuthMethod.PRIVATE_KEY_JWT, client -> client.withKeys(keys));
  }

  @Test
  void byACertificateOnTokenAndApiCallsAlike() throws Exception {
    settings.put("token-auth", "tls_client_auth");

    overMutualTls(AuthMethod.TLS_CLIENT_AUTH, client -> client);
  }

  @Test
  void byAnAssertionAndACertificateAtOnce() throws Exception {
    JWKSet keys = key(NewKey.ES384);
    settings.put("token-auth", "private_key_jwt");

    overMutualTls(AuthMethod.PRIVATE_KEY_JWT, client -> client.withKeys(keys));
  }

  @Test
  void byTheAssertionWhereThePayerOffersASecretAsWell() throws Exception {
    secret();
    JWKSet keys = key(NewKey.ES384);
    settings.put("token-auth", "auto");

    comesThrough(
        AuthMethod.PRIVATE_KEY_JWT,
        client -> client.withKeys(keys),
        AuthMethod.CLIENT_SECRET_POST,
        AuthMethod.CLIENT_SECRET_BASIC);
  }

  @Test
  void byTheSecretWhereThePayerOffersNothingElseThatWeHave() throws Exception {
    secret();
    settings.put("token-auth", "auto");

    comesThrough(
        AuthMethod.CLIENT_SECRET_BASIC,
        client -> client,
        AuthMethod.CLIENT_SECRET_POST,
        AuthMethod.PRIVATE_KEY_JWT);
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

  private void overMutualTls(AuthMethod method, UnaryOperator<RegisteredClient> known)
      throws Exception {
    TestAuthority authority = TestAuthority.make(folder.resolve("authority"));
    TestCertificate server = TestCertificate.make(folder, "server");
    settings.put("trust-store", server.trustStore().toString());
    settings.put("trust-store-password", TestCertificate.PASSWORD);
    settings.put(
        "key-store",
        authority.sign("client", RegisteredClient.DEFAULT_SAN_URI, 90).keyStore().toString());
    settings.put("key-store-password", TestCertificate.PASSWORD);
    SandboxOptions.Builder options =
        options(method, known)
            .mutualTls(
                new MutualTls(
                    0,
                    server.keyStore(),
                    TestCertificate.PASSWORD,
                    authority.trustStore(),
                    TestCertificate.PASSWORD));
    try (Sandbox sandbox = Sandbox.start(options.build())) {
      settings.put("base-url", sandbox.mutualTlsBaseUrl("bison").toString());
      comesThrough(sandbox, method);
      assertThat(sandbox.requests().certificates()).hasSize(1);
    }
  }

  private void comesThrough(
      AuthMethod method, UnaryOperator<RegisteredClient> known, AuthMethod... others)
      throws Exception {
    try (Sandbox sandbox = Sandbox.start(options(method, known, others).build())) {
      settings.put("base-url", sandbox.baseUrl("bison").toString());
      comesThrough(sandbox, method);
    }
  }

  private static SandboxOptions.Builder options(
      AuthMethod method, UnaryOperator<RegisteredClient> known, AuthMethod... others) {
    AuthMethod[] all = Arrays.copyOf(others, others.length + 1);
    all[others.length] = method;
    return SandboxOptions.builder()
        .tenants(Set.of("bison"))
        .load(new LoadShape(2, 512))
        .client(
            client ->
                known.apply(client).by(all).withCertificateOf(RegisteredClient.DEFAULT_SAN_URI));
  }

  /** Where tokens are given the payer says itself. */
  private void comesThrough(Sandbox sandbox, AuthMethod method) throws Exception {
    settings.put("client-id", SandboxOptions.DEFAULT_CLIENT_ID);
    settings.put("scope", SandboxOptions.SCOPE);
    TestBundle bundle = TestBundle.in(folder.resolve("bundle"));
    settings.forEach((key, value) -> bundle.set("p2p.payers.bison." + key, value));
    try (bundle) {
      Pipeline pipeline = new Pipeline(bundle.start());
      pipeline.take(List.of(Pipeline.record("request-1", Members.load("bison", 1))));

      pipeline.awaitEnd("request-1", "COMPLETE");

      assertThat(pipeline.delivered("bison", pipeline.id("request-1")))
          .hasSize(3)
          .contains("manifest.json");
    }
    assertThat(sandbox.requests().granted()).containsOnlyKeys(method);
    assertThat(sandbox.requests().unexpected()).isEmpty();
  }
}
