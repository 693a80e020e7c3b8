package org.payerexchange.docker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * What one COPY takes from the build into the image.
 *
 * @param entries files and folders
 */
record ImageLayer(List<Entry> entries) {
  private static final Pattern COPY =
      Pattern.compile("--from=build (?:--chown=(\\S+) )?/build/(\\S+) (/\\S+)");

  /**
   * A file or a folder.
   *
   * @param source in this project
   * @param target in the image
   * @param owner as {@code user:group}; empty for root
   */
  record Entry(Path source, String target, Optional<String> owner) {}

  /** The layers of an image whose build has been done in this project's folder. */
  static List<ImageLayer> of(Dockerfile dockerfile) throws IOException {
    return of(dockerfile.lastStage());
  }

  /** The layers of one stage. */
  static List<ImageLayer> of(List<Dockerfile.Instruction> stage) throws IOException {
    Files.createDirectories(Path.of("target", "state"));
    List<ImageLayer> layers = new ArrayList<>();
    for (Dockerfile.Instruction instruction : stage) {
      if (instruction.keyword().equals("COPY")) {
        layers.add(of(instruction));
      }
    }
    return layers;
  }

  private static ImageLayer of(Dockerfile.Instruction copy) throws IOException {
    Matcher parts = COPY.matcher(copy.arguments());
    if (!parts.matches()) {
      throw new IllegalStateException("COPY " + copy.arguments());
    }
    Optional<String> owner = Optional.ofNullable(parts.group(1));
    String target = parts.group(3);
    List<Entry> entries = new ArrayList<>();
    for (Path source : sources(parts.group(2))) {
      String to = target.endsWith("/") ? target + source.getFileName() : target;
      try (Stream<Path> tree = Files.walk(source)) {
        tree.sorted()
            .map(path -> new Entry(path, to + below(source, path), owner))
            .forEach(entries::add);
      }
    }
    return new ImageLayer(entries);
  }

  private static String below(Path source, Path path) {
    return path.equals(source) ? "" : "/" + source.relativize(path);
  }

  private static List<Path> sources(String pattern) throws IOException {
    Path path = Path.of(pattern);
    if (!pattern.contains("*")) {
      return List.of(path);
    }
    try (var files = Files.newDirectoryStream(path.getParent(), path.getFileName().toString())) {
      return StreamSupport.stream(files.spliterator(), false).sorted().toList();
    }
  }
}
