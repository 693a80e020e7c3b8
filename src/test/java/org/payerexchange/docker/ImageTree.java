package org.payerexchange.docker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The file tree of the image in a folder, and its commands as a container runs them: by a user who
 * is not root, with nothing of the tree writable but the volumes. If this JVM is not root's, that
 * user is its own.
 */
public final class ImageTree {
  /** Where the ledger, the inbox and the outbox are. */
  public static final String STATE = "/var/lib/payer-exchange";

  /** Where configuration is mounted. */
  public static final String CONFIG = "/etc/camel";

  /** A way to start processes that no JVM knows: whoever tries to run a shell or a tool fails. */
  private static final String NO_PROCESSES = " -Djdk.lang.Process.launchMechanism=NONE";

  private static final List<String> OURS = List.of("/opt/payer-exchange", CONFIG);
  private static final boolean ROOT = System.getProperty("user.name").equals("root");

  private final Path root;
  private final Dockerfile dockerfile = Dockerfile.read();
  private final List<String> volumes = dockerfile.last("VOLUME").exec();
  private final String[] user = dockerfile.last("USER").arguments().split(":", 2);

  private ImageTree(Path root) {
    this.root = root;
  }

  /**
   * Copies what Maven built.
   *
   * @param root an empty folder
   */
  public static ImageTree layOut(Path root) throws IOException {
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
    ImageTree tree = new ImageTree(root);
    tree.add(ImageLayer.of(tree.dockerfile));
    for (String volume : tree.volumes) {
      tree.makeWritable(volume);
    }
    return tree;
  }

  /** Makes it the image of a stage that has something more. */
  public ImageTree withStage(String name) throws IOException {
    add(ImageLayer.of(dockerfile.stage(name)));
    return this;
  }

  private void add(List<ImageLayer> layers) throws IOException {
    for (ImageLayer layer : layers) {
      for (ImageLayer.Entry entry : layer.entries()) {
        Path target = path(entry.target());
        if (Files.isDirectory(entry.source())) {
          Files.createDirectories(target);
        } else {
          Files.createDirectories(target.getParent());
          Files.copy(entry.source(), target);
        }
      }
    }
  }

  /** Where a path of the image is. */
  public Path path(String inImage) {
    return root.resolve(inImage.substring(1));
  }

  /** Puts a file below {@link #CONFIG}, as a mount would. */
  public void mount(String file, String text) throws IOException {
    Path path = path(CONFIG).resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  /** Puts the only file of a ConfigMap or a Secret below {@link #CONFIG}, as Kubernetes would. */
  public void mountVolume(String folder, String file, String text) throws IOException {
    MountedVolume.write(path(CONFIG).resolve(folder), file, text);
  }

  /** Makes a folder that belongs to the image's user. */
  public Path makeWritable(String inImage) throws IOException {
    Path folder = Files.createDirectories(path(inImage));
    if (ROOT) {
      Files.setAttribute(folder, "unix:uid", Integer.parseInt(user[0]));
      Files.setAttribute(folder, "unix:gid", Integer.parseInt(user[1]));
    }
    return folder;
  }

  /** Takes the right to write from everybody, the volumes apart. */
  public void makeReadOnly() throws IOException {
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return isVolume(folder) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            return attributes.isSymbolicLink()
                ? FileVisitResult.CONTINUE
                : restrict(file, "r--r--r--");
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, IOException failure)
              throws IOException {
            return restrict(folder, "r-xr-xr-x");
          }
        });
  }

  private boolean isVolume(Path folder) {
    return volumes.stream().map(this::path).anyMatch(folder::equals);
  }

  private boolean isInVolume(Path path) {
    return volumes.stream().map(this::path).anyMatch(path::startsWith);
  }

  private static FileVisitResult restrict(Path path, String permissions) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    return FileVisitResult.CONTINUE;
  }

  /** Every file outside the volumes with its size and time. */
  public Map<Path, String> state() throws IOException {
    Map<Path, String> files = new TreeMap<>();
    try (var tree = Files.walk(root)) {
      for (Path path : tree.filter(each -> !isInVolume(each)).toList()) {
        files.put(path, Files.size(path) + " " + Files.getLastModifiedTime(path));
      }
    }
    return files;
  }

  /** The entry point with these arguments; none stands for the image's own. */
  public ProcessBuilder run(List<String> arguments, Map<String, String> environment) {
    List<String> command = new ArrayList<>(dockerfile.last("ENTRYPOINT").exec());
    command.addAll(arguments.isEmpty() ? dockerfile.last("CMD").exec() : arguments);
    return command(command, environment);
  }

  /**
   * What the entry point prints with these arguments.
   *
   * @throws IllegalStateException if it does not succeed
   */
  public String print(List<String> arguments, Map<String, String> environment)
      throws IOException, InterruptedException {
    Process process = run(arguments, environment).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (process.waitFor() != 0) {
      throw new IllegalStateException(output);
    }
    return output;
  }

  /** The health check. */
  public ProcessBuilder healthCheck(Map<String, String> environment) {
    return command(dockerfile.last("HEALTHCHECK").exec(), environment);
  }

  private ProcessBuilder command(List<String> inImage, Map<String, String> environment) {
    List<String> command = asUser();
    command.add(Path.of(System.getProperty("java.home"), "bin", inImage.get(0)).toString());
    inImage.stream().skip(1).map(this::here).forEach(command::add);
    ProcessBuilder process =
        new ProcessBuilder(command)
            .directory(path(dockerfile.last("WORKDIR").arguments()).toFile())
            .redirectErrorStream(true);
    Map<String, String> variables = new HashMap<>(dockerfile.environment());
    variables.putAll(environment);
    variables.merge(
        "JDK_JAVA_OPTIONS", " -Djava.io.tmpdir=" + path("/tmp") + NO_PROCESSES, String::concat);
    process.environment().clear();
    process.environment().putAll(variables);
    return process;
  }

  /** A command line that begins by becoming the image's user. */
  public List<String> asUser() {
    List<String> command = new ArrayList<>();
    if (ROOT) {
      command.addAll(
          List.of("setpriv", "--reuid", user[0], "--regid", user[1], "--clear-groups", "--"));
    }
    return command;
  }

  private String here(String argument) {
    String changed = argument;
    for (String folder : OURS) {
      changed = changed.replace(folder, path(folder).toString());
    }
    return changed;
  }
}
