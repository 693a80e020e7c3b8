package org.payerexchange.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive on an empty base, so that all that is in it is ours; run by the profile image. */
class ImageTarballIT {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;
  private final Dockerfile dockerfile = Dockerfile.read();
  private final Map<String, byte[]> archive = new HashMap<>();

  @BeforeEach
  void read() throws Exception {
    Path file = write("image.tar");
    try (TarArchiveInputStream tar = new TarArchiveInputStream(Files.newInputStream(file))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        archive.put(entry.getName(), tar.readAllBytes());
      }
    }
  }

  @Test
  void theArchiveIsTheImageOfTheDockerfile() throws IOException {
    JsonNode manifest = blob(JSON.readTree(archive.get("index.json")).at("/manifests/0/digest"));
    JsonNode config = blob(manifest.at("/config/digest")).path("config");
    assertThat(texts(config.path("Entrypoint"))).isEqualTo(dockerfile.last("ENTRYPOINT").exec());
    assertThat(texts(config.path("Cmd"))).isEqualTo(dockerfile.last("CMD").exec());
    assertThat(config.path("User").asText()).isEqualTo(dockerfile.last("USER").arguments());
    assertThat(config.path("WorkingDir").asText())
        .isEqualTo(dockerfile.last("WORKDIR").arguments());
    assertThat(texts(config.path("Env")))
        .containsExactlyInAnyOrderElementsOf(
            dockerfile.environment().entrySet().stream()
                .map(variable -> variable.getKey() + "=" + variable.getValue())
                .toList());

    List<ImageLayer> layers = ImageLayer.of(dockerfile);
    assertThat(manifest.path("layers")).hasSize(layers.size());
    for (int i = 0; i < layers.size(); i++) {
      assertThat(files(manifest.at("/layers/" + i + "/digest"))).isEqualTo(files(layers.get(i)));
    }
  }

  @Test
  void whatIsBuiltAgainIsTheSameToTheByte() throws Exception {
    assertThat(write("again.tar")).hasSameBinaryContentAs(folder.resolve("image.tar"));
  }

  @Test
  void onlyTheStateBelongsToTheUserAndNothingElseCanBeWritten() throws IOException {
    String[] user = dockerfile.last("USER").arguments().split(":", 2);
    JsonNode manifest = blob(JSON.readTree(archive.get("index.json")).at("/manifests/0/digest"));
    List<String> own = new ArrayList<>();
    for (JsonNode layer : manifest.path("layers")) {
      try (TarArchiveInputStream tar = layer(layer.path("digest"))) {
        for (TarArchiveEntry each = tar.getNextEntry(); each != null; each = tar.getNextEntry()) {
          if (each.getLongUserId() == 0) {
            assertThat(each.getMode() & 0022).as(each.getName()).isZero();
          } else {
            assertThat(each.getLongUserId()).hasToString(user[0]);
            assertThat(each.getLongGroupId()).hasToString(user[1]);
            assertThat(each.getMode() & 0777).isEqualTo(0700);
            own.add("/" + each.getName());
          }
        }
      }
    }
    assertThat(own).containsExactly(ImageTree.STATE + "/");
  }

  private Path write(String name) throws Exception {
    Path file = folder.resolve(name);
    ImageTarball.main(new String[] {file.toString(), "scratch"});
    return file;
  }

  private TarArchiveInputStream layer(JsonNode digest) throws IOException {
    return new TarArchiveInputStream(new GZIPInputStream(open(digest)));
  }

  private Set<String> files(JsonNode digest) throws IOException {
    Set<String> files = new TreeSet<>();
    try (TarArchiveInputStream tar = layer(digest)) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        if (entry.isFile()) {
          files.add("/%s %d".formatted(entry.getName(), entry.getSize()));
          assertThat(entry.getLastModifiedTime().toInstant()).isEqualTo(ImageTarball.DATE);
        }
      }
    }
    return files;
  }

  private static Set<String> files(ImageLayer layer) throws IOException {
    Set<String> files = new TreeSet<>();
    for (ImageLayer.Entry entry : layer.entries()) {
      if (Files.isRegularFile(entry.source())) {
        files.add(entry.target() + " " + Files.size(entry.source()));
      }
    }
    return files;
  }

  private JsonNode blob(JsonNode digest) throws IOException {
    return JSON.readTree(open(digest));
  }

  private InputStream open(JsonNode digest) {
    return new ByteArrayInputStream(archive.get("blobs/" + digest.asText().replace(':', '/')));
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(each -> texts.add(each.asText()));
    return texts;
  }
}
