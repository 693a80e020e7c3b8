package org.payerexchange.dialect.pdex;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResultFilesTest {

  @Test
  void groupsGoBeforeParametersAndNothingElseIsRead() {
    assertThat(of("Parameters", "Group", "OperationOutcome", "Group")).containsExactly(1, 3);
    assertThat(of("OperationOutcome", "Parameters")).containsExactly(1);
    assertThat(of("Patient", "group", null)).isEmpty();
  }

  private static List<Integer> of(String... types) {
    return ResultFiles.of(Arrays.asList(types));
  }
}
