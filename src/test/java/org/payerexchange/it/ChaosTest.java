package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The short form of {@code make chaos}. */
class ChaosTest {
  @TempDir Path folder;

  @Test
  @Timeout(value = 4, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void threeNodesThatAreKilledLoseNothingAndDoNothingTwice() throws Exception {
    ChaosResult result = new Chaos(folder, ChaosShape.brief()).run();

    assertThat(result.problems()).as(result.text()).isEmpty();
  }
}
