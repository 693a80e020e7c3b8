package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.ledger.store.TokenHolds;
import org.payerexchange.sandbox.Fault;
import org.payerexchange.sandbox.LoadShape;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.RequestKind;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.TestBundle;

/**
 * Tokens that are refused, by the token endpoint or by the payer: who waits, and who goes on.
 * {@code -Dp2p.it.waiting} transfers wait for a held payer (60).
 */
class TokenRefusalTest {
  private static final int WAITING = Integer.getInteger("p2p.it.waiting", 60);
  private static final Duration PATIENCE =
      Duration.ofMinutes(2).plus(Duration.ofMillis(500).multipliedBy(WAITING));

  @TempDir Path folder;

  @Test
  void aClientThatIsRefusedHoldsItsPayerAndTheQueueGoesOnByItself() throws Exception {
    try (Sandbox bison = sandbox("bison", 1);
        Sandbox heron = sandbox("heron", 1);
        TestBundle bundle = bundle(bison, heron).set("p2p.retry.deadline", "1s").start()) {
      Pipeline pipeline = new Pipeline(bundle);
      bison.faults().rates(Map.of(Fault.CLIENT_REFUSED, 1.0));

      pipeline.take(records("bison", WAITING));
      bundle.awaitHeldForTokens(1);
      pipeline.take(records("heron", 1));

      pipeline.awaitEnd("heron-1", "COMPLETE");
      assertThat(bundle.get("/observe/health/ready"))
          .contains("payer bison is held since 20", "look at client-id")
          .contains("the token endpoint refused the client: 401 invalid_client");
      assertThat(bundle.get("/observe/metrics"))
          .contains("p2p_held_seconds{kind=\"payer\",name=\"bison\",reason=\"TOKEN_REFUSED\"}");
      assertThat(bundle.get("/api/transfers?size=1"))
          .contains("\"held\":[{\"kind\":\"payer\",\"name\":\"bison\",\"since\":\"20")
          .contains("\"reason\":\"TOKEN_REFUSED\"");
      String first = pipeline.id("bison-1");
      assertThat(bundle.get("/api/transfers/" + first)).contains("\"held\":[{\"kind\":\"payer\"");
      bundle.post("/api/transfers/%s/cancel".formatted(first));
      assertThat(pipeline.transfer(first)).containsEntry("state", "CANCELLED");

      // more than the retry deadline, as often as it is looked at
      int asked = bison.requests().received(RequestKind.TOKEN);
      await()
          .atMost(PATIENCE)
          .until(() -> bison.requests().received(RequestKind.TOKEN) >= asked + 4);
      assertThat(pipeline.count("FAILED")).isZero();
      assertThat(bison.requests().received(RequestKind.MATCH)).isZero();
      bison.faults().clear();

      await().atMost(PATIENCE).until(() -> pipeline.count("COMPLETE") == WAITING);
      bundle.awaitHeldForTokens(0);
      assertThat(bundle.get("/observe/health/ready")).doesNotContain("is held");
    }
  }

  /** The deadline is for refusals. */
  @Test
  void aFileOfOursThatCannotBeReadIsToldAsThatAndEndsNothing() throws Exception {
    Path secret = Files.writeString(folder.resolve("secret"), SandboxOptions.DEFAULT_CLIENT_SECRET);
    try (Sandbox bison = sandbox("bison", 1);
        TestBundle bundle =
            bundle(bison)
                .set("p2p.payers.bison.client-secret", "")
                .set("p2p.payers.bison.client-secret-file", secret.toString())
                .set("p2p.token.refused-deadline", "1s")
                .start()) {
      Files.delete(secret);
      Pipeline pipeline = new Pipeline(bundle);
      pipeline.take(records("bison", 3));
      bundle.awaitHeldForTokens(1);

      String held = "p2p_held_seconds{kind=\"payer\",name=\"bison\",reason=\"%s\"} ";
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(bundle.get("/observe/metrics"))
                      .containsPattern(
                          Pattern.quote(held.formatted("CREDENTIALS_UNUSABLE"))
                              + "([3-9]|\\d{2,})\\."));
      assertThat(bundle.get("/observe/health/ready"))
          .contains("p2p.payers.bison.client-secret-file: there is no file")
          .doesNotContain("look at client-id", "refused");
      assertThat(pipeline.count("FAILED")).isZero();
      assertThat(bison.requests().received(RequestKind.TOKEN)).isZero();

      Files.writeString(secret, SandboxOptions.DEFAULT_CLIENT_SECRET);

      await().atMost(PATIENCE).until(() -> pipeline.count("COMPLETE") == 3);
    }
  }

  @Test
  void aSecretThatIsReplacedInItsFileFreesThePayerWithoutARestart() throws Exception {
    Path secret = Files.writeString(folder.resolve("secret"), "expired");
    try (Sandbox bison = sandbox("bison", 1);
        TestBundle bundle =
            bundle(bison)
                .set("p2p.payers.bison.client-secret", "")
                .set("p2p.payers.bison.client-secret-file", secret.toString())
                .start()) {
      Pipeline pipeline = new Pipeline(bundle);
      pipeline.take(records("bison", 1));
      bundle.awaitHeldForTokens(1);
      Files.delete(secret);
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(bundle.get("/observe/health/ready"))
                      .contains("p2p.payers.bison.client-secret-file: there is no file"));

      Files.writeString(secret, SandboxOptions.DEFAULT_CLIENT_SECRET + "\n");

      pipeline.awaitEnd("bison-1", "COMPLETE");
      bundle.awaitHeldForTokens(0);
    }
  }

  @Test
  void aHeldPayerIsLookedAtWhenTheBundleStarts() throws Exception {
    try (Sandbox bison = sandbox("bison", 1);
        TestBundle bundle = bundle(bison).set("p2p.token.refusal-memory", "1h").start()) {
      bison.faults().rates(Map.of(Fault.CLIENT_REFUSED, 1.0));
      new Pipeline(bundle).take(records("bison", 1));
      bundle.awaitHeldForTokens(1);
      bundle.stop();
      bison.faults().clear();

      bundle.start();

      new Pipeline(bundle).awaitEnd("bison-1", "COMPLETE");
    }
  }

  @Test
  void aTokenEndpointThatAnswersWithoutATokenHoldsItsPayerToo() throws Exception {
    try (Sandbox bison = sandbox("bison", 1);
        TestBundle bundle = bundle(bison).set("p2p.retry.deadline", "1s").start()) {
      bison.faults().rates(Map.of(Fault.TOKEN_EMPTY, 1.0));
      Pipeline pipeline = new Pipeline(bundle);
      pipeline.take(records("bison", 3));
      bundle.awaitHeldForTokens(1);
      assertThat(bundle.get("/observe/health/ready"))
          .contains("payer bison is held since 20")
          .contains("the token endpoint's answer holds no access_token");
      int asked = bison.requests().received(RequestKind.TOKEN);
      await()
          .atMost(PATIENCE)
          .until(() -> bison.requests().received(RequestKind.TOKEN) >= asked + 4);
      bison.faults().clear();

      await().atMost(PATIENCE).until(() -> pipeline.count("COMPLETE") == 3);
    }
  }

  @Test
  void aPayerThatAnotherNodeFreedIsNotHeldByWhatThisOneRemembers() throws Exception {
    try (Sandbox bison = sandbox("bison", 1);
        TestBundle bundle = bundle(bison).set("p2p.token.refusal-memory", "1h").start()) {
      bison.faults().rates(Map.of(Fault.CLIENT_REFUSED, 1.0));
      Pipeline pipeline = new Pipeline(bundle);
      pipeline.take(records("bison", 1));
      bundle.awaitHeldForTokens(1);
      bison.faults().clear();

      TokenHolds holds = bundle.bean("tokenHolds", TokenHolds.class);
      holds.all().forEach(holds::free);

      await().atMost(PATIENCE).until(() -> pipeline.count("COMPLETE") == 1);
    }
  }

  @Test
  void theRefusedDeadlineEndsWhatWaits() throws Exception {
    try (Sandbox bison = sandbox("bison", 1);
        TestBundle bundle = bundle(bison).set("p2p.token.refused-deadline", "1s").start()) {
      bison.faults().rates(Map.of(Fault.CLIENT_REFUSED, 1.0));
      Pipeline pipeline = new Pipeline(bundle);
      pipeline.take(records("bison", 10));

      for (int i = 1; i <= 10; i++) {
        String id = pipeline.awaitEnd("bison-" + i, "FAILED");
        assertThat(pipeline.transfer(id)).containsEntry("reason", "TOKEN_REFUSED");
      }
    }
  }

  @Test
  void tokensThatAllDieAtTheFirstRequestOfEveryFileHinderNoFile() throws Exception {
    try (Sandbox bison = sandbox("bison", 6);
        TestBundle bundle = bundle(bison).start()) {
      bison.faults().rates(Map.of(Fault.FILE_ENDS_TOKENS, 1.0));
      Pipeline pipeline = new Pipeline(bundle);
      pipeline.take(records("bison", 3));

      for (int i = 1; i <= 3; i++) {
        String id = pipeline.awaitEnd("bison-" + i, "COMPLETE");
        assertThat(pipeline.delivered("bison", id)).hasSize(7);
      }
    }
  }

  @Test
  void aTokenEndpointThatTakesBasicAloneAndWritesItsAnswersOddlyWorks() throws Exception {
    try (Sandbox bison = sandbox("bison", 1);
        TestBundle bundle =
            bundle(bison).set("p2p.payers.bison.token-auth", "client_secret_basic").start()) {
      bison.faults().rates(Map.of(Fault.BASIC_ONLY, 1.0, Fault.ODD_TOKENS, 1.0));
      Pipeline pipeline = new Pipeline(bundle);
      pipeline.take(records("bison", 1));

      pipeline.awaitEnd("bison-1", "COMPLETE");
    }
  }

  private TestBundle bundle(Sandbox... sandboxes) {
    TestBundle bundle = TestBundle.in(folder).ops().set("p2p.token.refusal-memory", "500ms");
    for (Sandbox sandbox : sandboxes) {
      sandbox.options().tenants().forEach(tenant -> Pipeline.payer(bundle, tenant, sandbox));
    }
    return bundle;
  }

  private static Sandbox sandbox(String tenant, int files) {
    return Sandbox.start(
        SandboxOptions.builder().tenants(Set.of(tenant)).load(new LoadShape(files, 512)).build());
  }

  private static List<String> records(String tenant, int count) {
    return IntStream.rangeClosed(1, count)
        .mapToObj(i -> Pipeline.record(tenant + "-" + i, Members.load(tenant, i)))
        .toList();
  }
}
