package org.payerexchange.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;
import org.payerexchange.support.PlainPayer;
import org.payerexchange.support.SettableClock;

class TokensTest {
  private final Deque<Supplier<TokenAnswer>> answers = new ArrayDeque<>();
  private final SettableClock clock = new SettableClock(Instant.parse("2026-11-23T18:00:00Z"));
  private boolean held;
  private String certificate = "";
  private final Tokens tokens =
      new Tokens(
          payer -> answers.remove().get(),
          clock,
          Duration.ofSeconds(30),
          payer -> certificate,
          payer -> held,
          (payer, why) -> held = true);

  @Test
  void aLifetimeThatIsNoNumberIsNone() {
    ObjectNode answer = JsonNodeFactory.instance.objectNode().put("access_token", "t");

    assertThat(TokenAnswer.of(answer.put("expires_in", true)).expiresIn()).isNull();
    assertThat(TokenAnswer.of(answer.put("expires_in", 3600.0)).expiresIn()).isEqualTo(3600);
  }

  @Test
  void aTokenIsNotUsedWithAnotherCertificateThanThatItWasAskedForWith() {
    answer("t1", 300L);
    answer("t2", 300L);

    assertThat(value()).isEqualTo("t1");
    assertThat(value()).isEqualTo("t1");
    certificate = "renewed";
    assertThat(value()).isEqualTo("t2");
    assertThat(value()).isEqualTo("t2");
  }

  @Test
  void aTokenOfAnotherCertificateIsNoneWhereARenewalFails() {
    answer("t1", 300L);
    answers.add(
        () -> {
          throw new TransferException(FailureReason.PAYER_UNAVAILABLE, "away");
        });

    assertThat(value()).isEqualTo("t1");
    certificate = "renewed";
    assertThatThrownBy(this::value).isInstanceOf(TransferException.class);
  }

  @Test
  void aTokenIsRenewedBeforeItExpires() {
    answer("t1", 300L);
    answer("t2", 300L);

    assertThat(value()).isEqualTo("t1");
    clock.forward(Duration.ofSeconds(239));
    assertThat(value()).isEqualTo("t1");
    clock.forward(Duration.ofSeconds(1));
    assertThat(value()).isEqualTo("t2");
  }

  @Test
  void aTokenOfAFewSecondsIsUsedForMostOfThem() {
    answer("t1", 5L);
    answer("t2", 5L);

    assertThat(value()).isEqualTo("t1");
    clock.forward(Duration.ofMillis(3999));
    assertThat(value()).isEqualTo("t1");
    clock.forward(Duration.ofMillis(1));
    assertThat(value()).isEqualTo("t2");
  }

  @Test
  void aTokenWithoutLifetimeIsAskedForAgainAfterFiveMinutes() {
    answer("t1", null);
    answer("t2", null);

    assertThat(value()).isEqualTo("t1");
    clock.forward(Duration.ofMinutes(5));
    assertThat(value()).isEqualTo("t2");
  }

  @Test
  void aTokenThatIsGoodForEverIsUsedAgain() {
    answer("t1", Long.MAX_VALUE);

    assertThat(value()).isEqualTo("t1");
    assertThat(value()).isEqualTo("t1");
  }

  @Test
  void aRenewalThatFailsHarmsNobodyBeforeTheOldTokensEnd() {
    answer("t1", 300L);
    fail(FailureReason.PAYER_UNAVAILABLE);
    fail(FailureReason.PAYER_UNAVAILABLE);

    assertThat(value()).isEqualTo("t1");
    clock.forward(Duration.ofSeconds(290));
    assertThat(value()).isEqualTo("t1");
    clock.forward(Duration.ofSeconds(10));
    assertThatThrownBy(this::value).isInstanceOf(TransferException.class);
  }

  @Test
  void aRenewalThatFailedIsTriedAgainAFewSecondsLater() {
    answer("t1", 300L);
    fail(FailureReason.PAYER_UNAVAILABLE);
    answer("t2", 300L);

    assertThat(value()).isEqualTo("t1");
    clock.forward(Duration.ofMinutes(4));
    assertThat(value()).isEqualTo("t1");
    clock.forward(Duration.ofSeconds(4));
    assertThat(value()).isEqualTo("t1");
    clock.forward(Duration.ofSeconds(1));
    assertThat(value()).isEqualTo("t2");
  }

  @Test
  void aRenewalIsTriedAgainWhenTheEndpointSays() {
    answer("t1", 300L);
    busyFor(Duration.ofSeconds(30));
    answer("t2", 300L);

    assertThat(value()).isEqualTo("t1");
    clock.forward(Duration.ofMinutes(4));
    assertThat(value()).isEqualTo("t1");
    clock.forward(Duration.ofSeconds(29));
    assertThat(value()).isEqualTo("t1");
    clock.forward(Duration.ofSeconds(1));
    assertThat(value()).isEqualTo("t2");
  }

  @Test
  void atItsEndATokenIsAskedForWhateverTheEndpointSaidAndTheNextIsRenewedInTime() {
    answer("t1", 300L);
    busyFor(Duration.ofDays(1));
    answer("t2", 300L);
    answer("t3", 300L);

    assertThat(value()).isEqualTo("t1");
    clock.forward(Duration.ofSeconds(299));
    assertThat(value()).isEqualTo("t1");
    clock.forward(Duration.ofSeconds(1));
    assertThat(value()).isEqualTo("t2");
    clock.forward(Duration.ofMinutes(4));
    assertThat(value()).isEqualTo("t3");
  }

  @Test
  void aTokenThatIsStillGoodIsUsedWhileItIsRenewed() {
    List<String> meanwhile = new ArrayList<>();
    answer("t1", 300L);
    answers.add(
        () -> {
          meanwhile.add(
              CompletableFuture.supplyAsync(this::value).orTimeout(1, TimeUnit.MINUTES).join());
          return new TokenAnswer("t2", 300L, null);
        });

    assertThat(value()).isEqualTo("t1");
    clock.forward(Duration.ofMinutes(4));
    assertThat(value()).isEqualTo("t2");
    assertThat(meanwhile).containsExactly("t1");
  }

  @Test
  void aFileThatCannotBeUsedHoldsNobodyBeforeTheOldTokensEnd() {
    answer("t1", 300L);
    fail(FailureReason.CREDENTIALS_UNUSABLE);
    fail(FailureReason.CREDENTIALS_UNUSABLE);

    assertThat(value()).isEqualTo("t1");
    clock.forward(Duration.ofSeconds(290));
    assertThat(value()).isEqualTo("t1");
    assertThat(held).isFalse();
    clock.forward(Duration.ofSeconds(10));
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(this::value)
          .isInstanceOfSatisfying(
              TransferException.class,
              e -> assertThat(e.reason()).isEqualTo(FailureReason.CREDENTIALS_UNUSABLE));
    }
    assertThat(held).isTrue();
  }

  @Test
  void onlyTheTokenThatWasRefusedIsDiscarded() {
    answer("t1", 300L);
    answer("t2", 300L);

    AccessToken first = tokens.get(payer("bison"));
    tokens.refused(payer("bison"), first);
    assertThat(value()).isEqualTo("t2");
    tokens.refused(payer("bison"), first);
    assertThat(value()).isEqualTo("t2");
  }

  @Test
  void aRefusalIsRememberedForAWhile() {
    fail(FailureReason.TOKEN_REFUSED);
    answer("t1", 300L);

    assertThatThrownBy(this::value).isInstanceOf(TransferException.class);
    clock.forward(Duration.ofSeconds(29));
    assertThatThrownBy(this::value)
        .isInstanceOfSatisfying(
            TransferException.class,
            e -> assertThat(e.reason()).isEqualTo(FailureReason.TOKEN_REFUSED));
    clock.forward(Duration.ofSeconds(1));
    assertThat(value()).isEqualTo("t1");
  }

  @Test
  void aRefusalIsForgottenOnceTheClientIsHeldNoMore() {
    fail(FailureReason.TOKEN_REFUSED);
    answer("t1", 300L);
    assertThatThrownBy(this::value).isInstanceOf(TransferException.class);

    held = false;

    assertThat(value()).isEqualTo("t1");
  }

  @Test
  void anEndpointThatIsAwayIsAskedAgainAtOnce() {
    fail(FailureReason.PAYER_UNAVAILABLE);
    answer("t1", 300L);

    assertThatThrownBy(this::value).isInstanceOf(TransferException.class);
    assertThat(value()).isEqualTo("t1");
  }

  @Test
  void eachPayerHasItsOwnToken() {
    answer("t1", 300L);
    answer("t2", 300L);

    assertThat(tokens.get(payer("bison")).value()).isEqualTo("t1");
    assertThat(tokens.get(payer("moose")).value()).isEqualTo("t2");
  }

  @Test
  void aSinkSharesNoTokenWithAPayerOfItsName() {
    answer("t1", 300L);
    answer("t2", 300L);

    assertThat(tokens.get(client(TokenClient.Kind.SINK, "fhir")).value()).isEqualTo("t1");
    assertThat(tokens.get(client(TokenClient.Kind.PAYER, "fhir")).value()).isEqualTo("t2");
  }

  @Test
  void anAnswerWithoutTokenIsARefusal() {
    answer(null, 300L);

    assertThatThrownBy(this::value)
        .isInstanceOfSatisfying(
            TransferException.class,
            e -> assertThat(e.reason()).isEqualTo(FailureReason.TOKEN_REFUSED));
  }

  @Test
  void noTokenIsPrinted() {
    answer("t1", 300L);

    assertThat(tokens.get(payer("bison")).toString()).doesNotContain("t1");
    assertThat(new TokenAnswer("t1", 1L, null).toString()).doesNotContain("t1");
  }

  private String value() {
    return tokens.get(payer("bison")).value();
  }

  private void answer(String token, Long expiresIn) {
    answers.add(() -> new TokenAnswer(token, expiresIn, null));
  }

  private void fail(FailureReason reason) {
    answers.add(
        () -> {
          throw new TransferException(reason, "no token");
        });
  }

  private void busyFor(Duration wait) {
    answers.add(
        () -> {
          throw new TransferException(FailureReason.PAYER_BUSY, "busy")
              .withRetryAfter(Optional.of(wait));
        });
  }

  private static TokenClient payer(String id) {
    return client(TokenClient.Kind.PAYER, id);
  }

  private static TokenClient client(TokenClient.Kind kind, String name) {
    return PlainPayer.client(
        kind,
        name,
        URI.create("https://gateway.example/token"),
        "client",
        "secret",
        TokenAuth.CLIENT_SECRET_POST,
        true,
        "member-match|read",
        false);
  }
}
