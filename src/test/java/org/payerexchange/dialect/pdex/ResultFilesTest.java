package org.payerexchange.dialect.pdex;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class ResultFilesTest {

  @Test
  void groupsGoBeforeParametersAndNothingElseIsRead() {
    assertThat(of("Parameters", "Group", "OperationOutcome", "Group"))
        .containsExactly("Group", "Group");
    assertThat(of("OperationOutcome", "Parameters")).containsExactly("Parameters");
    assertThat(of("Patient", "group")).isEmpty();
  }

  private static List<String> of(String... types) {
    return ResultFiles.of(List.of(types), Function.identity());
  }
}
