package org.payerexchange.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where settings come from, and which of two files has its way. */
class SetupTest {
  @TempDir Path config;

  @Test
  void filesThatAreMountedAnywhereBelowConfDCountBeforeTheFoldersOwn() throws IOException {
    write("application.properties", "p2p.tick=1s\np2p.lease=1m\np2p.default-payer=heron");
    write("conf.d/_configmaps/px/application.properties", "p2p.tick=2s\np2p.lease=2m");
    write("conf.d/_secrets/px/payers.properties", "p2p.tick=3s");

    assertThat(read("p2p.tick")).contains("3s");
    assertThat(read("p2p.lease")).contains("2m");
    assertThat(read("p2p.default-payer")).contains("heron");
    assertThat(read("p2p.jms.intake-queue")).contains("p2p.intake");
  }

  @Test
  void whatIsNoPropertiesFileIsNotRead() throws IOException {
    write("conf.d/_secrets/px/p2p.tick", "p2p.tick=3s");
    write("demo.properties", "p2p.tick=4s");

    assertThat(read("p2p.tick")).contains("1s");
  }

  @Test
  void aFileThatCannotBeReadIsNamed() throws IOException {
    write("payers.properties", "p2p.default-payer=C:\\unread");

    assertThatThrownBy(() -> read("p2p.tick"))
        .hasMessage(config.resolve("payers.properties") + ": Malformed \\uxxxx encoding.");
  }

  @Test
  void aMountThatKubernetesSwapsIsReadByItsLinks() throws IOException {
    write("conf.d/_secrets/px/..2026_01_01/payers.properties", "p2p.tick=3s");
    Path mount = config.resolve("conf.d/_secrets/px");
    Files.createSymbolicLink(mount.resolve("..data"), Path.of("..2026_01_01"));
    Files.createSymbolicLink(
        mount.resolve("payers.properties"), Path.of("..data/payers.properties"));
    write("conf.d/_secrets/px/..2025_12_31/payers.properties", "p2p.tick=4s\np2p.lease=4m");

    assertThat(read("p2p.tick")).contains("3s");
    assertThat(read("p2p.lease")).contains("5m");
  }

  @Test
  void aFolderOfRoutesReplacesThoseOfTheClassPathOrEachTheOneOfItsName() throws IOException {
    write("deliver.camel.yaml", "[]");
    Setup all = new Setup(Optional.empty(), Optional.of(config));

    assertThat(all.routesIncludePattern()).isEqualTo("file:%s/*.camel.yaml", config);
    assertThat(all.withRoutes("beans", "deliver").routesIncludePattern())
        .isEqualTo("classpath:routes/beans.camel.yaml,file:%s/deliver.camel.yaml", config);
  }

  /** Every process has a PATH. */
  @Test
  void environmentVariablesAreSettingsUnlessASetupSaysOtherwise() {
    Setup told = new Setup(Optional.empty(), Optional.empty());

    assertThat(told.<Optional<String>>read(settings -> settings.find("path"))).isPresent();
    assertThat(
            told.withoutEnvironment()
                .withRoutes("beans")
                .<Optional<String>>read(settings -> settings.find("path")))
        .isEmpty();
  }

  private void write(String file, String text) throws IOException {
    Path path = config.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private Optional<String> read(String key) {
    return new Setup(Optional.of(config), Optional.empty()).read(settings -> settings.find(key));
  }
}
