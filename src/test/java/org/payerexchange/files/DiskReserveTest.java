package org.payerexchange.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.payerexchange.support.SettableClock;

class DiskReserveTest {
  private static final long GIGABYTE = 1L << 30;

  private final SettableClock clock = new SettableClock(Instant.EPOCH);
  private final Map<Path, Long> free =
      new HashMap<>(Map.of(Path.of("/work"), 5 * GIGABYTE, Path.of("/outbox"), GIGABYTE));

  @Test
  void theFolderIsNamedWithWhatIsLeftThereUntilThereIsRoomAgain() {
    DiskReserve reserve = reserve("1GB");
    assertThat(reserve.problems()).isEmpty();

    free.put(Path.of("/outbox"), GIGABYTE - 1);
    clock.forward(Duration.ofSeconds(1));
    assertThat(reserve.isKept()).isFalse();
    assertThat(reserve.problems())
        .containsExactly(
            "p2p.outbox.directory: /outbox has 1023 MB left, less than p2p.disk.reserve (1GB); "
                + "no download is begun and nothing is taken in until there is room");

    free.put(Path.of("/outbox"), GIGABYTE);
    clock.forward(Duration.ofSeconds(1));
    assertThat(reserve.isKept()).isTrue();
  }

  @Test
  void withoutAReserveNothingIsLookedAt() {
    free.put(Path.of("/outbox"), 0L);

    assertThat(reserve("0").isKept()).isTrue();
  }

  @Test
  void aFolderThatIsNotThereIsOthersToTell() {
    assertThat(reserve("1GB").with("p2p.inbox.directory", Path.of("/gone")).isKept()).isTrue();
  }

  private DiskReserve reserve(String size) {
    return new DiskReserve(size, clock, this::free)
        .with("p2p.work.directory", Path.of("/work"))
        .with("p2p.outbox.directory", Path.of("/outbox"));
  }

  private long free(Path folder) throws IOException {
    if (!free.containsKey(folder)) {
      throw new IOException();
    }
    return free.get(folder);
  }
}
