package org.payerexchange.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.LocalDate;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.sandbox.Member;
import org.payerexchange.sandbox.Members;

class DemoTest {
  @TempDir private Path folder;

  @Test
  @Timeout(900)
  void everySampleEndsAsExpectedAndNoMemberIsNamed() throws Exception {
    StringWriter terminal = new StringWriter();

    boolean asExpected = new Demo(new PrintWriter(terminal), false, folder, Optional.empty()).run();

    assertThat(asExpected).as(terminal.toString()).isTrue();
    assertThat(terminal.toString())
        .contains("41 of 41 samples ended as expected", folder.resolve("outbox").toString())
        .doesNotContain("\r");
    for (Member member : Members.ofSamples().samples()) {
      assertThat(
              Stream.of(member.given(), member.family(), member.birthDate(), member.coverageId()))
          .noneMatch(value -> terminal.toString().contains(value.toString()));
    }
    assertThat(terminal.toString())
        .contains("many, matched (13)", " of many members", "Patient, matched (2)", " pages")
        .doesNotContain("Testcase", "PDEX-");
    assertThat(Files.getPosixFilePermissions(folder.resolve("keys/heron.json")))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    assertThat(terminal.toString()).doesNotContain(LocalDate.of(1999, 9, 19).toString());
  }
}
