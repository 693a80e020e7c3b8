package org.payerexchange.trace;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.NoArgGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which transfers are traced. */
class TraceIdsTest {
  private static final int MANY = 20_000;

  private final NoArgGenerator ids = Generators.timeBasedEpochRandomGenerator();

  @Test
  void ofManyTransfersTheShareIsTracedThatIsAskedFor() {
    for (double share : new double[] {0.1, 0.5, 0.9}) {
      TraceIds traced = new TraceIds(share);

      long count = transfers().filter(id -> traced.first(id).isSampled()).count();

      assertThat((double) count / MANY).isBetween(share - 0.03, share + 0.03);
    }
  }

  @Test
  void allAreTracedIfAllAreAskedFor() {
    TraceIds traced = new TraceIds(1.0);

    assertThat(transfers()).allMatch(id -> traced.first(id).isSampled());
    assertThat(traced.first("ffffffff-ffff-7fff-bfff-ffffffffffff").isSampled()).isTrue();
  }

  @Test
  void allNodesChooseTheSameOnes() {
    TraceIds one = new TraceIds(0.5);
    TraceIds other = new TraceIds(0.5);

    assertThat(transfers()).allMatch(id -> one.first(id).equals(other.first(id)));
  }

  private Stream<String> transfers() {
    return Stream.generate(() -> ids.generate().toString()).limit(MANY);
  }
}
