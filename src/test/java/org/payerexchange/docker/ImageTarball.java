package org.payerexchange.docker;

import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.TarImage;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import com.google.cloud.tools.jib.api.buildplan.ImageFormat;
import com.google.cloud.tools.jib.api.buildplan.Port;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Writes the image of {@code docker/Dockerfile} as an OCI archive, without a container engine; the
 * health check alone is not in it, since OCI images have none.
 */
public final class ImageTarball {
  /** As in the Dockerfile: equal content gives an equal image. */
  static final Instant DATE = Instant.parse("2026-01-01T00:00:00Z");

  private static final Path CACHE = Path.of("target", "jib");

  private final Dockerfile dockerfile = Dockerfile.read();

  private ImageTarball() {}

  /**
   * Writes it.
   *
   * @param arguments the file to write, and the base image: a name in a registry, {@code
   *     tar:///path} of one that {@code docker save} wrote, or {@code scratch}; empty stands for
   *     the Dockerfile's
   */
  public static void main(String[] arguments) throws Exception {
    ImageTarball image = new ImageTarball();
    String base = arguments.length > 1 ? arguments[1] : "";
    image.write(Path.of(arguments[0]), base.isEmpty() ? image.usualBase() : base);
  }

  private String usualBase() {
    return dockerfile.all("ARG").stream()
        .map(Dockerfile.Instruction::arguments)
        .filter(argument -> argument.startsWith("RUNTIME="))
        .map(argument -> argument.substring("RUNTIME=".length()))
        .findFirst()
        .orElseThrow();
  }

  private void write(Path file, String base) throws Exception {
    JibContainerBuilder image =
        Jib.from(base)
            .setFormat(ImageFormat.OCI)
            .setCreationTime(DATE)
            .setEntrypoint(dockerfile.last("ENTRYPOINT").exec())
            .setProgramArguments(dockerfile.last("CMD").exec())
            .setEnvironment(dockerfile.environment())
            .setUser(dockerfile.last("USER").arguments())
            .setWorkingDirectory(AbsoluteUnixPath.get(dockerfile.last("WORKDIR").arguments()))
            .addExposedPort(Port.tcp(Integer.parseInt(dockerfile.last("EXPOSE").arguments())))
            .setVolumes(
                dockerfile.last("VOLUME").exec().stream()
                    .map(AbsoluteUnixPath::get)
                    .collect(Collectors.toSet()));
    List<ImageLayer> layers = ImageLayer.of(dockerfile);
    for (ImageLayer layer : layers) {
      image.addFileEntriesLayer(files(layer));
    }
    image.containerize(
        Containerizer.to(TarImage.at(file).named("payer-exchange"))
            .setBaseImageLayersCache(CACHE)
            .setApplicationLayersCache(CACHE));
  }

  private static FileEntriesLayer files(ImageLayer layer) throws IOException {
    FileEntriesLayer.Builder files = FileEntriesLayer.builder();
    for (ImageLayer.Entry entry : layer.entries()) {
      files.addEntry(
          entry.source(),
          AbsoluteUnixPath.get(entry.target()),
          permissions(entry),
          DATE,
          entry.owner().orElse(""));
    }
    return files.build();
  }

  private static FilePermissions permissions(ImageLayer.Entry entry) {
    if (entry.owner().isPresent()) {
      return FilePermissions.fromOctalString("700");
    }
    return FilePermissions.fromOctalString(Files.isDirectory(entry.source()) ? "755" : "644");
  }
}
