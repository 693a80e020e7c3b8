package org.payerexchange.boot;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.support.TestBundle;

/** A file of the operator's that does not stand beside the others as it is. */
class RouteFailuresTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          - too: log:x                           | 6 | Unknown node id: too
          - setBody: {constnt: x}                | 6 | Unsupported field: constnt
          - bean:%n    ref: nobody               | 6 | route mine: there is no bean nobody
          - to: file:x?fileNme=s3cret            | 6 | route mine: its endpoint has options that its component does not know: fileNme
          - to: fil:s3cret                       | 6 | route mine: its endpoint needs the Camel component fil, which is not on the class path
          - to: file:{{no.such}}                 | 6 | route mine: its endpoint names the key no.such, which is not set
          - setBody:%n    simple: "${boddy"      | 6 | route mine: expected symbol functionEnd but was eol
          - to: direct:nowhere                   | 6 | route mine: no route begins with direct:nowhere
          - toD: direct:nowhere                  | 6 | route mine: no route begins with direct:nowhere
          - wireTap:%n    uri: direct:nowhere    | 6 | route mine: no route begins with direct:nowhere
          - enrich:%n    constant: direct:nowhere | 6 | route mine: no route begins with direct:nowhere
          """)
  void aStepThatCannotBeIsToldWithItsFileAndLine(String step, int line, String words)
      throws Exception {
    Path mine =
        write(
            """
            - route:
                id: mine
                from:
                  uri: direct:mine
                  steps:
                    %s
            """
                .formatted(step.replace("%n", "\n          ")));

    assertThatThrownBy(this::start).hasMessage("%s, line %d: %s".formatted(mine, line, words));
  }

  @Test
  void whatHandlesErrorsAndLeadsNowhereIsToldAsWell() throws Exception {
    Path mine =
        write(
            """
            - routeConfiguration:
                id: mine
                onException:
                  - onException:
                      exception: [java.io.IOException]
                      steps:
                        - to: direct:nowhere
            - route:
                id: my-route
                routeConfigurationId: mine
                from: {uri: "direct:mine", steps: [{log: mine}]}
            """);

    assertThatThrownBy(this::start)
        .hasMessage(mine + ", line 7: route my-route: no route begins with direct:nowhere");
  }

  @Test
  void aServiceThatLeadsNowhereIsToldAsWell() throws Exception {
    Path mine =
        write("- rest:\n    id: mine\n    get:\n      - path: /mine\n        to: direct:nowhere\n");

    assertThatThrownBy(this::start)
        .hasMessageMatching(mine + ", line 5: route .*: no route begins with direct:nowhere");
  }

  @Test
  void aStepOfAFileThatIsSwitchedOffIsNoBeginning() throws Exception {
    Path mine = write("[]");
    Files.delete(mine.resolveSibling("intake.camel.yaml"));

    assertThatThrownBy(this::start)
        .hasMessageEndingWith(": no route begins with direct:take-in-records");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "# nothing yet\n", "words", "route:\n  id: mine\n", "a: {b: c}\n"})
  void aFileThatHoldsNoRouteIsTold(String text) throws Exception {
    Path mine = write(text);

    assertThatThrownBy(this::start)
        .hasMessage(
            mine + ": holds no route: a route file is a list whose entries begin like '- route:'");
  }

  @Test
  void whatIsNotKnownAmongRoutesIsToldWithItsLine() throws Exception {
    Path mine = write("- rout:\n    id: mine\n");

    assertThatThrownBy(this::start).hasMessageStartingWith(mine + ", line 1: ");
  }

  /** Sinks of one's own, a step that an exchange decides on, an empty list for nothing. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "- toD: direct:${header.next}",
        "- to: direct:other",
        "- to: direct:nobody?failIfNoConsumers=false",
        "- to: direct:refuse-file",
        "- to: direct:send-to-fhir-server"
      })
  void whatOperatorsMayMeanIsTaken(String step) throws Exception {
    Path mine =
        write(
            """
            - route: {id: mine, from: {uri: "direct:mine", steps: [{log: mine}]}}
            - route:
                id: other
                from:
                  uri: direct:other
                  steps:
                    %s
            """
                .formatted(step));
    Files.writeString(mine.resolveSibling("nothing.camel.yaml"), "[]");

    assertThatCode(this::start).doesNotThrowAnyException();
  }

  @Test
  void whatIsNoYamlIsToldWithItsFileAndLine() throws Exception {
    Path mine = write("- route:\n    id: mine\n   from:\n      uri: direct:mine\n");

    assertThatThrownBy(this::start).hasMessageStartingWith(mine + ", line 3: expected ");
  }

  @ParameterizedTest
  @CsvSource({"do-step, mine, do-step", "mine, keep-claim, keep-claim"})
  void anIdThatIsThereAlreadyIsToldWithItsFile(String route, String step, String id)
      throws Exception {
    Path mine =
        write(
            """
            - route:
                id: %s
                from:
                  uri: direct:mine
                  steps:
                    - log:
                        id: %s
                        message: mine
            """
                .formatted(route, step));

    // the one that is read first, in whatever order the folder is listed
    assertThatThrownBy(this::start)
        .hasMessageMatching(
            "(?:%1$s/(?:work|mine).camel.yaml(?: and )?)+: the id %2$s is used here, and a second time"
                .formatted(mine.getParent(), id));
  }

  @Test
  void aBeanWhoseClassIsMissingIsToldWithItsFile() throws Exception {
    Path mine = write("- beans:\n    - name: mine\n      type: org.none.Such\n");

    assertThatThrownBy(this::start).hasMessage(mine + ": there is no class org.none.Such");
  }

  private Path write(String yaml) throws Exception {
    Path routes = Files.createDirectories(folder.resolve("routes"));
    try (Stream<Path> own = Files.list(Path.of("routes"))) {
      for (Path file : own.filter(Files::isRegularFile).toList()) {
        Files.copy(file, routes.resolve(file.getFileName()));
      }
    }
    return Files.writeString(routes.resolve("mine.camel.yaml"), yaml);
  }

  private void start() throws Exception {
    try (TestBundle bundle = TestBundle.in(folder).routes(folder.resolve("routes"))) {
      bundle.start();
    }
  }
}
