package org.payerexchange.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.payerexchange.sandbox.GroupShape;
import org.payerexchange.sandbox.MatchForm;
import org.payerexchange.sandbox.PdexOptions;
import org.payerexchange.sandbox.ResultFile;
import org.payerexchange.sandbox.SandboxOptions;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class PdexArgumentsTest {

  @Test
  void withoutArgumentsTheSandboxSpeaksPdexAsTheStandardHasIt() {
    assertThat(told()).isEqualTo(PdexOptions.defaults());
  }

  @Test
  void eachArgumentChangesWhatItNames() {
    assertThat(
            told(
                "--bulk-match-answer=BODY",
                "--bulk-match-file=PRETTY",
                "--bulk-match-members=7",
                "--bulk-match-bytes=4096",
                "--required-header=environment,x-request-id",
                "--export-type=hl7.fhir.us.davinci-pdex.p2p",
                "--patients-joined",
                "--open-files",
                "--resources-per-member=40",
                "--bytes-per-resource=900",
                "--files-per-type=3"))
        .isEqualTo(
            new PdexOptions(
                MatchForm.BODY,
                ResultFile.PRETTY,
                7,
                4096,
                Set.of("environment", "x-request-id"),
                "hl7.fhir.us.davinci-pdex.p2p",
                true,
                false,
                new GroupShape(40, 900, 3)));
  }

  private static PdexOptions told(String... arguments) {
    Told told = new Told();
    new CommandLine(told).parseArgs(arguments);
    return SandboxOptions.builder().pdex(told.pdex::apply).build().pdex();
  }

  @Command
  private static final class Told {
    @Mixin private final PdexArguments pdex = new PdexArguments();
  }
}
