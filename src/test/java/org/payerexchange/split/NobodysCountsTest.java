package org.payerexchange.split;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.payerexchange.split.NobodysLines.Reason;

/** What goes to nobody, by type. */
class NobodysCountsTest {

  @Test
  void everyLineIsCountedHoweverManyTypesAPayerInvents() {
    NobodysCounts counts = new NobodysCounts();

    IntStream.range(0, 10_000).forEach(type -> counts.add("T" + type, Reason.UNREADABLE, 1));

    List<NobodysLines> lines = counts.toList();
    assertThat(lines).hasSizeLessThan(300);
    assertThat(lines.stream().mapToLong(NobodysLines::lines).sum()).isEqualTo(10_000);
  }
}
