package org.payerexchange.retrieve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.payerexchange.dialect.OneUp;
import org.payerexchange.dialect.PageSource;
import org.payerexchange.dialect.PatientData.Way;
import org.payerexchange.payer.CallLimits;
import org.payerexchange.payer.CallWindow;
import org.payerexchange.payer.Payer;
import org.payerexchange.support.LimitedPayers;
import org.payerexchange.support.PlainPayer;

/** How many pages a step reads of a payer that bears few calls, or none at some hours. */
class RetrievalTest {
  private static final Instant NIGHT = Instant.parse("2026-11-28T03:00:00Z");
  private static final Instant DAY = Instant.parse("2026-11-28T12:00:00Z");

  @TempDir Path folder;

  @Test
  void aStepReadsManyPagesAndNoneOnceTheHoursAreOver() throws IOException {
    Retrieval retrieval =
        retrieval(new CallLimits(0, 0, Optional.of(CallWindow.of("20:00-06:00"))));
    assertThat(retrieval.mayAsk(DAY, payer -> true)).as("its lease was given in time").isTrue();

    retrieval.go(retrieval.at());

    assertThat(retrieval.mayAsk(NIGHT, payer -> true)).isTrue();
    assertThat(retrieval.mayAsk(DAY, payer -> true)).isFalse();
  }

  @Test
  void noPageIsAskedForOnceThePayerBearsNoCall() throws IOException {
    Retrieval retrieval = retrieval(CallLimits.NONE);
    assertThat(retrieval.mayAsk(NIGHT, payer -> false)).as("it was claimed before").isTrue();

    retrieval.go(retrieval.at());

    assertThat(retrieval.mayAsk(NIGHT, payer -> false)).isFalse();
    assertThat(retrieval.mayAsk(NIGHT, payer -> true)).isTrue();
  }

  @Test
  void whereCallsAreCountedAStepIsOne() throws IOException {
    Retrieval retrieval = retrieval(new CallLimits(5, 0, Optional.empty()));

    retrieval.go(retrieval.at());

    assertThat(retrieval.mayAsk(NIGHT, payer -> true)).isFalse();
  }

  @Test
  void noStepReadsForEver() throws IOException {
    Retrieval retrieval = retrieval(CallLimits.NONE);

    for (int page = 0; page < 200; page++) {
      assertThat(retrieval.mayAsk(NIGHT, payer -> true)).isTrue();
      retrieval.go(retrieval.at());
    }

    assertThat(retrieval.mayAsk(NIGHT, payer -> true)).isFalse();
  }

  /** As versions before wrote it. */
  @ParameterizedTest
  @CsvSource({
    "?page=2, http://localhost/bison/Patient/1?page=2",
    "/bison/pages/2, http://localhost/bison/pages/2",
    "http://localhost/bison?_getpages=2, http://localhost/bison?_getpages=2",
  })
  void aNextPageThatWasKeptAsThePayerWroteItIsRead(String link, String url) throws IOException {
    Retrieval retrieval = retrieval(CallLimits.NONE);

    retrieval.go(retrieval.at().after(0, link, Missing.NOTHING, null));

    assertThat(retrieval.url()).hasToString(url);
  }

  private Retrieval retrieval(CallLimits limits) throws IOException {
    Payer payer = PlainPayer.of("bison", URI.create("http://localhost/bison"), new OneUp());
    return new Retrieval(
        PageFile.takeOver(folder, 1, 1, 0),
        List.of(new PageSource("all types", List.of(List.of("/Patient/1")), true)),
        Checkpoint.start(Way.EVERYTHING, ""),
        LimitedPayers.limited(payer, limits),
        "1",
        100);
  }
}
