package org.payerexchange.dialect.pdex;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.payerexchange.dialect.pdex.SharedExport.Member;

class SharedExportTest {
  private static final Instant MAY = Instant.parse("2026-05-01T00:00:00Z");
  private static final Instant JUNE = Instant.parse("2026-06-01T00:00:00Z");
  private static final Member NEW = new Member("t-1", "a", Optional.empty());
  private static final Member ALSO_NEW = new Member("t-2", "b", Optional.empty());
  private static final Member KNOWN = new Member("t-3", "c", Optional.of(JUNE));
  private static final Member LONG_KNOWN = new Member("t-4", "d", Optional.of(MAY));

  @Test
  void aGroupOfNewMembersIsExportedWhole() {
    assertThat(SharedExport.of(List.of(NEW, ALSO_NEW), 2, true))
        .containsExactly(new SharedExport(List.of(NEW, ALSO_NEW), Optional.empty(), false));
  }

  @Test
  void newAndKnownMembersDoNotShareAnExport() {
    assertThat(SharedExport.of(List.of(NEW, KNOWN, ALSO_NEW, LONG_KNOWN), 4, true))
        .containsExactly(
            new SharedExport(List.of(NEW, ALSO_NEW), Optional.empty(), true),
            new SharedExport(List.of(KNOWN, LONG_KNOWN), Optional.of(MAY), true));
  }

  @Test
  void knownMembersAreNamedEvenIfTheyAreTheWholeGroup() {
    assertThat(SharedExport.of(List.of(KNOWN, LONG_KNOWN), 2, true))
        .containsExactly(new SharedExport(List.of(KNOWN, LONG_KNOWN), Optional.of(MAY), true));
  }

  @Test
  void whoIsInTheGroupAndNotWantedIsNotAskedFor() {
    assertThat(SharedExport.of(List.of(NEW), 2, true))
        .containsExactly(new SharedExport(List.of(NEW), Optional.empty(), true));
  }

  @Test
  void aPayerThatNamesNobodyGetsAMarkOnlyIfEverybodyHasOne() {
    assertThat(SharedExport.of(List.of(KNOWN, NEW), 2, false))
        .containsExactly(new SharedExport(List.of(KNOWN, NEW), Optional.empty(), false));
    assertThat(SharedExport.of(List.of(KNOWN, LONG_KNOWN), 2, false))
        .containsExactly(new SharedExport(List.of(KNOWN, LONG_KNOWN), Optional.of(MAY), false));
  }

  @Test
  void nobodyIsNotExported() {
    assertThat(SharedExport.of(List.of(), 3, true)).isEmpty();
    assertThat(SharedExport.of(List.of(), 3, false)).isEmpty();
  }
}
