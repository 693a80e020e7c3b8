package org.payerexchange.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Properties;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.sandbox.GroupShape;
import org.payerexchange.sandbox.HrexOptions;
import org.payerexchange.sandbox.HrexOptions.Version;
import org.payerexchange.sandbox.HrexOptions.Way;
import org.payerexchange.sandbox.MatchForm;
import org.payerexchange.sandbox.PdexOptions;
import org.payerexchange.sandbox.RequestKind;
import org.payerexchange.sandbox.ResultFile;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.TestBundle;
import picocli.CommandLine;

class SandboxCommandTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final StringWriter out = new StringWriter();

  @TempDir private Path folder;

  @Test
  void withoutArgumentsTheSandboxSpeaksPdexAndHrexAsTheStandardsHaveIt() {
    SandboxOptions options = told().options();

    assertThat(options.pdex()).isEqualTo(PdexOptions.defaults());
    assertThat(options.hrex()).isEqualTo(HrexOptions.defaults());
  }

  @Test
  void eachArgumentOfPdexChangesWhatItNames() {
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
                    "--files-per-type=3")
                .options()
                .pdex())
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

  @Test
  void eachArgumentOfHrexChangesWhatItNames() {
    assertThat(
            told(
                    "--hrex-version=1.0",
                    "--hrex-offer=search,export",
                    "--hrex-strict",
                    "--hrex-page-size=7")
                .options()
                .hrex())
        .isEqualTo(new HrexOptions(Version.V1_0, EnumSet.of(Way.SEARCH, Way.EXPORT), true, 7));
  }

  @Test
  void whatItPrintsIsAllThatABundleNeedsToAskInEachDialect() throws Exception {
    SandboxCommand command = told("--port=0", "--no-broker", "--hrex-version=1.0");
    try (Sandbox sandbox = Sandbox.start(command.options());
        TestBundle bundle = TestBundle.in(folder)) {
      command.print(sandbox);
      Properties printed = new Properties();
      printed.load(new StringReader(out.toString()));
      printed.stringPropertyNames().forEach(key -> bundle.set(key, printed.getProperty(key)));
      bundle.start();

      Files.writeString(
          bundle.inbox().resolve("members.csv"),
          """
          payer,memberId,given,family,birthDate,gender,coverageId,consentId,consentPolicy,consentStart,consentEnd
          bison,BSN-M-1005,Evander,Madeupson,1990-01-30,male,BSN-C-1005,c-1,regular,2020-01-01,2099-12-31
          bison-pdex,m-1,Pdexina,Testcase-000000001,1950-01-02,female,PDEX-1,c-2,regular,2020-01-01,2099-12-31
          bison-hrex,m-2,Pdexina,Testcase-000000002,1950-01-03,female,PDEX-2,c-3,regular,2020-01-01,2099-12-31
          """);

      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(
                          bundle.column(
                              "SELECT payer FROM transfer WHERE state = 'COMPLETE' AND NOT is_batch"))
                      .containsExactlyInAnyOrder("bison", "bison-pdex", "bison-hrex"));
      assertThat(sandbox.requests().received(RequestKind.DATA)).isOne();
      assertThat(printed).containsEntry("p2p.payers.bison-hrex.hrex-version", "1.0");
      assertThat(sandbox.requests().unexpected()).isEmpty();
    }
  }

  private SandboxCommand told(String... arguments) {
    SandboxCommand command = new SandboxCommand();
    new CommandLine(command).setOut(new PrintWriter(out)).parseArgs(arguments);
    return command;
  }
}
