package org.payerexchange.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.auth.PublicKeys;
import org.payerexchange.auth.SigningKey;
import org.payerexchange.support.SettableClock;
import org.payerexchange.support.TestBundle;
import org.payerexchange.support.TestKeys;

/** Our public keys at the ops port: for whoever asks, if they are to be. */
class KeySetTest {
  private static final String PATH = "/.well-known/jwks.json";
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir Path folder;
  private Path key;
  private TestBundle bundle;

  @BeforeEach
  void configure() throws Exception {
    key = Files.writeString(folder.resolve("key.jwk"), TestKeys.RSA);
    bundle =
        TestBundle.in(folder)
            .payer("bison", "http://127.0.0.1:1")
            .set("p2p.payers.bison.token-auth", "private_key_jwt")
            .set("p2p.payers.bison.private-key-file", key.toString())
            .ops()
            .set("p2p.ops.api-key", "key-of-the-key-set");
  }

  @AfterEach
  void stop() {
    bundle.close();
  }

  @Test
  void whoeverAsksGetsThePublicPartsAsTheyAreNow() throws Exception {
    bundle.set("p2p.ops.publish-keys", "true").start();

    HttpResponse<String> answer = get("");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
    assertThat(answer.headers().allValues("Cache-Control")).containsExactly("max-age=900");
    JsonNode keys = new ObjectMapper().readTree(answer.body()).path("keys");
    assertThat(keys.findValuesAsText("kid")).containsExactly(TestKeys.RSA_THUMBPRINT);
    assertThat(keys.get(0).fieldNames())
        .toIterable()
        .containsExactlyInAnyOrder("kty", "n", "e", "use", "alg", "kid");

    Files.writeString(key, TestKeys.P384);
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(get("").body()).contains("ES384").doesNotContain("RS384"));
  }

  @Test
  void aKeyThatCannotBeUsedIsLeftOutAndEachIsReadOnceInAWhileWhoeverAsks() {
    AtomicInteger reads = new AtomicInteger();
    SettableClock clock = new SettableClock(Instant.parse("2026-11-26T18:00:00Z"));
    PublicKeys keys =
        new PublicKeys(
            List.of(
                new SigningKey("good", key, "", ""),
                new SigningKey("bad", folder.resolve("none"), "", "")),
            clock);
    KeySet set =
        new KeySet(
            true,
            () -> {
              reads.incrementAndGet();
              return keys.usable();
            },
            clock);

    assertThat(set.show()).isEqualTo(set.show());
    assertThat((List<?>) set.show().get("keys")).hasSize(1);
    assertThat(reads).hasValue(1);
    clock.forward(Duration.ofSeconds(5));
    set.show();
    assertThat(reads).hasValue(2);
  }

  @Test
  void withoutBeingAskedToNobodyGetsThem() throws Exception {
    bundle.start();

    assertThat(get("").statusCode()).isEqualTo(401);
    HttpResponse<String> refused = get("key-of-the-key-set");
    assertThat(refused.statusCode()).isEqualTo(404);
    assertThat(refused.body()).contains("p2p.ops.publish-keys").doesNotContain("RS384");
  }

  private HttpResponse<String> get(String apiKey) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(bundle.opsUrl() + PATH));
    if (!apiKey.isEmpty()) {
      request.header("Authorization", "Bearer " + apiKey);
    }
    return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
  }
}
