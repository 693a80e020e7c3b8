package org.payerexchange.dialect.pdex;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.payerexchange.dialect.BulkMatch.Export;
import org.payerexchange.dialect.BulkMatch.Matched;

class SharedExportsTest {
  private static final Instant MAY = Instant.parse("2026-05-01T00:00:00Z");
  private static final Instant JUNE = Instant.parse("2026-06-01T00:00:00Z");
  private static final Matched NEW = new Matched("t-1", "g", "a", Optional.empty());
  private static final Matched ALSO_NEW = new Matched("t-2", "g", "b", Optional.empty());
  private static final Matched KNOWN = new Matched("t-3", "g", "c", Optional.of(JUNE));
  private static final Matched LONG_KNOWN = new Matched("t-4", "g", "d", Optional.of(MAY));

  @Test
  void aGroupOfNewMembersIsExportedWhole() {
    assertThat(SharedExports.of("g", List.of(NEW, ALSO_NEW), 2, true))
        .containsExactly(new Export("g", List.of(NEW, ALSO_NEW), Optional.empty(), false));
  }

  @Test
  void newAndKnownMembersDoNotShareAnExport() {
    assertThat(SharedExports.of("g", List.of(NEW, KNOWN, ALSO_NEW, LONG_KNOWN), 4, true))
        .containsExactly(
            new Export("g", List.of(NEW, ALSO_NEW), Optional.empty(), true),
            new Export("g", List.of(KNOWN, LONG_KNOWN), Optional.of(MAY), true));
  }

  @Test
  void knownMembersAreNamedEvenIfTheyAreTheWholeGroup() {
    assertThat(SharedExports.of("g", List.of(KNOWN, LONG_KNOWN), 2, true))
        .containsExactly(new Export("g", List.of(KNOWN, LONG_KNOWN), Optional.of(MAY), true));
  }

  @Test
  void whoIsInTheGroupAndNotWantedIsNotAskedFor() {
    assertThat(SharedExports.of("g", List.of(NEW), 2, true))
        .containsExactly(new Export("g", List.of(NEW), Optional.empty(), true));
  }

  @Test
  void aPayerThatNamesNobodyGetsAMarkOnlyIfEverybodyHasOne() {
    assertThat(SharedExports.of("g", List.of(KNOWN, NEW), 2, false))
        .containsExactly(new Export("g", List.of(KNOWN, NEW), Optional.empty(), false));
    assertThat(SharedExports.of("g", List.of(KNOWN, LONG_KNOWN), 2, false))
        .containsExactly(new Export("g", List.of(KNOWN, LONG_KNOWN), Optional.of(MAY), false));
  }

  @Test
  void nobodyIsNotExported() {
    assertThat(SharedExports.of("g", List.of(), 3, true)).isEmpty();
    assertThat(SharedExports.of("g", List.of(), 3, false)).isEmpty();
  }
}
