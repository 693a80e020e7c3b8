package org.payerexchange.step;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CapacityTest {
  private final Capacity capacity =
      new Capacity(kind -> kind != Stage.RELEASE, Map.of(Stage.DOWNLOAD, 3), 2, 1, Set.of("a"));

  @Test
  void aStepHoldsOnePlaceHoweverOftenItIsTakenOrGivenBack() {
    Claim download = step(1, Stage.DOWNLOAD, "bison");
    capacity.hold(download);
    capacity.hold(download);
    assertThat(capacity.free(Stage.DOWNLOAD, "bison")).isEqualTo(2);

    capacity.release(download);
    capacity.release(download);
    assertThat(capacity.free(Stage.DOWNLOAD, "bison")).isEqualTo(3);
  }

  @Test
  void shortCallsShareTheirPlacesAndTakeNoneOfTheDownloads() {
    capacity.hold(step(1, Stage.EXPORT_POLL, "bison"));
    capacity.hold(step(2, Stage.MEMBER_MATCH, "elk"));

    assertThat(capacity.free(Stage.EXPORT_KICKOFF, "moose")).isZero();
    assertThat(capacity.free(Stage.DOWNLOAD, "bison")).isEqualTo(3);
  }

  @Test
  void aSinkThatHangsHoldsNoOtherUp() {
    capacity.hold(step(1, Stage.DELIVER, "a"));

    assertThat(capacity.free(Stage.DELIVER, "a")).isZero();
    assertThat(capacity.free(Stage.DELIVER, "one that is not configured")).isEqualTo(1);
  }

  @Test
  void aQuarterOfTheDownloadsIsLeftToPayersThatHaveNone() {
    Capacity four = new Capacity(kind -> true, Map.of(Stage.DOWNLOAD, 4), 2, 1, Set.of());
    assertThat(four.free(Stage.DOWNLOAD, "slow")).isEqualTo(3);
    for (int each = 1; each <= 3; each++) {
      four.hold(step(each, Stage.DOWNLOAD, "slow"));
    }

    assertThat(four.free(Stage.DOWNLOAD, "slow")).isZero();
    assertThat(four.free(Stage.DOWNLOAD, "quick")).isEqualTo(1);
    four.hold(step(4, Stage.DOWNLOAD, "quick"));
    assertThat(four.free(Stage.DOWNLOAD, "another")).isZero();
  }

  @Test
  void fivePayersThatKeepTheirDownloadsForEverLeaveOneToAnother() {
    Capacity sixteen = new Capacity(kind -> true, Map.of(Stage.DOWNLOAD, 16), 2, 1, Set.of());
    long next = 0;
    for (String payer : new String[] {"a", "b", "c", "d", "e"}) {
      for (int most = Math.min(8, sixteen.free(Stage.DOWNLOAD, payer)); most > 0; most--) {
        sixteen.hold(step(++next, Stage.DOWNLOAD, payer));
      }
    }

    assertThat(sixteen.free(Stage.DOWNLOAD, "f")).isEqualTo(1);
  }

  @Test
  void aSingleDownloadAtOnceIsUsed() {
    Capacity one = new Capacity(kind -> true, Map.of(Stage.DOWNLOAD, 1), 2, 1, Set.of());
    assertThat(one.free(Stage.DOWNLOAD, "a")).isEqualTo(1);
  }

  @Test
  void whatANodeDoesNotDoItIsNotAskedFor() {
    assertThat(capacity.kinds()).doesNotContain(Stage.RELEASE).contains(Stage.DOWNLOAD);
    assertThat(Capacity.none().kinds()).isEmpty();
  }

  private static Claim step(long id, Stage kind, String lane) {
    return new Claim() {
      private final Lease lease = new Lease(id, id, 0, Instant.EPOCH, null);

      @Override
      public String transferId() {
        return "t";
      }

      @Override
      public String payer() {
        return lane;
      }

      @Override
      public Lease lease() {
        return lease;
      }

      @Override
      public Stage stage() {
        return kind;
      }

      @Override
      public Object rowId() {
        return id;
      }
    };
  }
}
