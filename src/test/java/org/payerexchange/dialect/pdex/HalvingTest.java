package org.payerexchange.dialect.pdex;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HalvingTest {

  @ParameterizedTest
  @ValueSource(ints = {400, 413, 422})
  void aRefusedRequestIsHalvedUntilTheBadMemberStandsAlone(int status) {
    List<Integer> members = IntStream.range(0, 100).boxed().toList();
    Deque<List<Integer>> open = new ArrayDeque<>(List.of(members));
    List<Integer> answered = new ArrayList<>();
    List<Integer> failed = new ArrayList<>();
    int requests = 0;
    while (!open.isEmpty()) {
      List<Integer> asked = open.poll();
      requests++;
      if (!asked.contains(37)) {
        answered.addAll(asked);
      } else if (Halving.after(status, asked).isEmpty()) {
        failed.addAll(asked);
      } else {
        open.addAll(Halving.after(status, asked));
      }
    }

    assertThat(failed).containsExactly(37);
    assertThat(answered).hasSize(99).doesNotHaveDuplicates().doesNotContain(37);
    assertThat(requests).isLessThan(20);
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403, 404, 409, 415, 429, 500, 503})
  void whatIsNotOfTheMembersIsNotHalved(int status) {
    assertThat(Halving.after(status, List.of("a", "b"))).isEmpty();
  }

  @Test
  void theFirstHalfHasTheOddOne() {
    assertThat(Halving.after(422, List.of("a", "b", "c")))
        .containsExactly(List.of("a", "b"), List.of("c"));
  }
}
