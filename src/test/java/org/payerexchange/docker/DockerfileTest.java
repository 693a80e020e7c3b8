package org.payerexchange.docker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.payerexchange.cli.HealthProbe;
import org.payerexchange.cli.Launcher;
import org.payerexchange.docker.Dockerfile.Instruction;

/** The rules that an image for members' data keeps to. */
class DockerfileTest {
  private static final List<String> LAST_STAGE =
      List.of(
          "FROM",
          "COPY",
          "USER",
          "WORKDIR",
          "VOLUME",
          "EXPOSE",
          "ENV",
          "HEALTHCHECK",
          "ENTRYPOINT",
          "CMD");

  private final Dockerfile dockerfile = Dockerfile.read();

  @Test
  void theLastStageRunsNothingSoThatItsBaseNeedsNoShell() {
    assertThat(dockerfile.lastStage()).extracting(Instruction::keyword).isSubsetOf(LAST_STAGE);
    assertThat(dockerfile.last("ENTRYPOINT").exec()).first().isEqualTo("java");
    assertThat(dockerfile.last("CMD").exec()).containsExactly("run");
    assertThat(dockerfile.last("HEALTHCHECK").exec()).first().isEqualTo("java");
  }

  @Test
  void theUserIsANumberOtherThanRootsSoThatKubernetesCanTell() {
    assertThat(dockerfile.last("USER").arguments()).matches("[1-9]\\d{3,}:[1-9]\\d{3,}");
  }

  @Test
  void baseImagesHaveAVersionAndCanBeReplaced() {
    assertThat(dockerfile.all("ARG"))
        .extracting(Instruction::arguments)
        .allMatch(argument -> argument.matches("[A-Z]+=[a-z-]+:\\d[\\w.-]*"));
    assertThat(dockerfile.all("FROM"))
        .extracting(Instruction::arguments)
        .allMatch(base -> base.startsWith("${") || base.startsWith("node"));
  }

  @Test
  void whatChangesOftenComesAfterWhatDoesNot() {
    String copies =
        dockerfile.lastStage().stream()
            .filter(instruction -> instruction.keyword().equals("COPY"))
            .map(Instruction::arguments)
            .collect(Collectors.joining("\n"));
    assertThat(copies).containsSubsequence("target/lib", "payer-exchange.jar");

    String buildCopies =
        dockerfile.all("COPY").stream()
            .map(Instruction::arguments)
            .collect(Collectors.joining("\n"));
    assertThat(buildCopies).containsSubsequence("pom.xml", "src/main");
  }

  @Test
  void nothingButWhatTheBuildNeedsIsSentToIt() throws IOException {
    List<String> sent = Files.readAllLines(Path.of("docker", "Dockerfile.dockerignore"));
    assertThat(sent).first().isEqualTo("*");
    List<String> needed =
        dockerfile.all("COPY").stream()
            .map(Instruction::arguments)
            .filter(arguments -> !arguments.startsWith("--from"))
            .map(arguments -> "!" + arguments.split(" ", 2)[0])
            .toList();
    assertThat(sent.stream().skip(1)).containsExactlyInAnyOrderElementsOf(needed);
    assertThat(needed).allMatch(path -> Files.exists(Path.of(path.substring(1))));
  }

  @Test
  void theVariablesHoldNoSecret() {
    assertThat(dockerfile.environment().keySet())
        .containsExactlyInAnyOrder("JDK_JAVA_OPTIONS", "P2P_OPS_HOST", "P2P_OPS_PORT");
    assertThat(dockerfile.environment().get("P2P_OPS_PORT"))
        .isEqualTo(dockerfile.last("EXPOSE").arguments());
  }

  @Test
  void theCommandsNameClassesThatAreThere() {
    assertThat(dockerfile.last("ENTRYPOINT").exec()).last().isEqualTo(Launcher.class.getName());
    assertThat(dockerfile.last("HEALTHCHECK").exec()).last().isEqualTo(HealthProbe.class.getName());
  }

  @Test
  void theEntryPointIsThatOfTheStartScript() throws IOException {
    String script = Files.readString(Path.of("src/main/dist/bin/payer-exchange"));
    assertThat(dockerfile.last("ENTRYPOINT").exec())
        .filteredOn(argument -> argument.matches("-XX:.*|--enable.*|-Djdk.*"))
        .hasSize(3)
        .allMatch(script::contains);
  }
}
