package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.payerexchange.ledger.store.TestDatabase;

/** The short form of {@code make chaos}. */
class ChaosTest {
  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  @Timeout(value = 20, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void nodesThatAreKilledLoseNothingAndDoNothingTwice(TestDatabase database) throws Exception {
    ChaosResult result = new Chaos(folder, database, ChaosShape.brief()).run();

    assertThat(result.problems()).as(result.text()).isEmpty();
  }
}
