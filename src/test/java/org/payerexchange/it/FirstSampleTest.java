package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.TestBundle;

/** What who reads README tries first. */
class FirstSampleTest {
  @TempDir Path folder;

  @Test
  void theFirstSampleOfReadmeIsCompleteInTheSandbox() throws Exception {
    Matcher sample =
        Pattern.compile("(?s)```csv\\n(.*?)```").matcher(Files.readString(Path.of("README.md")));
    assertThat(sample.find()).isTrue();
    try (Sandbox sandbox = Sandbox.start(SandboxOptions.defaults());
        TestBundle bundle = Pipeline.payer(TestBundle.in(folder), "bison", sandbox).start()) {
      Files.writeString(bundle.inbox().resolve("members.csv"), sample.group(1));

      Pipeline pipeline = new Pipeline(bundle);
      String id = pipeline.awaitEnd("REQ-1", "COMPLETE");

      assertThat(pipeline.delivered("bison", id))
          .contains("manifest.json")
          .anyMatch(name -> name.startsWith("Patient-"));
    }
  }
}
