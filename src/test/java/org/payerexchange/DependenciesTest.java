package org.payerexchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What comes along with the libraries though nobody asks for it. */
class DependenciesTest {
  @Test
  void nothingOnTheClassPathIsKnownForWhatDeserializationMakesOfIt() {
    assertThat(Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator)))
        .isNotEmpty()
        .noneMatch(jar -> jar.matches(".*(c3p0|mchange).*"));
  }
}
