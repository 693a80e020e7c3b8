package org.payerexchange.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SteadilyForcedTest {
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final List<Integer> forcedAt = new ArrayList<>();

  @Test
  void theDiskNeverHasMoreThanOnePieceToForceAtTheEnd() throws IOException {
    WritableByteChannel file =
        new SteadilyForced(Channels.newChannel(written), () -> forcedAt.add(written.size()));
    byte[] content = new byte[2 * SteadilyForced.PIECE + 1000];
    content[content.length - 1] = 1;
    ByteBuffer rest = ByteBuffer.wrap(content);
    while (rest.position() < content.length) {
      file.write(rest.limit(Math.min(content.length, rest.position() + 1024 * 1024)));
    }

    assertThat(written.toByteArray()).isEqualTo(content);
    assertThat(forcedAt).containsExactly(SteadilyForced.PIECE, 2 * SteadilyForced.PIECE);
  }

  @Test
  void aDiskThatRefusesIsNotPassedOver() {
    WritableByteChannel file =
        new SteadilyForced(
            Channels.newChannel(written),
            () -> {
              throw new IOException("full");
            });

    assertThatThrownBy(() -> file.write(ByteBuffer.allocate(SteadilyForced.PIECE)))
        .isInstanceOf(IOException.class)
        .hasMessage("full");
  }
}
