package org.payerexchange.docker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The instructions of {@code docker/Dockerfile}, which alone says what the image is. */
public final class Dockerfile {
  private static final Path FILE = Path.of("docker", "Dockerfile");
  private static final Pattern VARIABLE = Pattern.compile("(\\w+)=\"([^\"]*)\"");

  private final List<Instruction> instructions;

  private Dockerfile(List<Instruction> instructions) {
    this.instructions = instructions;
  }

  /** Reads the file of this project. */
  public static Dockerfile read() {
    try {
      String text =
          Files.readString(FILE).replaceAll("(?m)^#.*\\R", "").replaceAll("\\\\\\R\\s*", "");
      return new Dockerfile(
          text.lines().filter(line -> !line.isBlank()).map(Instruction::parse).toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All of a kind, such as {@code FROM}. */
  List<Instruction> all(String keyword) {
    return instructions.stream().filter(each -> each.keyword().equals(keyword)).toList();
  }

  /** Those of the stage that becomes the image: the one that the last stage is, unchanged. */
  List<Instruction> lastStage() {
    Instruction last = instructions.get(instructions.size() - 1);
    return stage(last.keyword().equals("FROM") ? last.arguments() : "");
  }

  /** Those of a stage; the last stage has no name. */
  List<Instruction> stage(String name) {
    List<Instruction> stage = new ArrayList<>();
    boolean inside = false;
    for (Instruction instruction : instructions) {
      if (instruction.keyword().equals("FROM")) {
        inside = instruction.arguments().endsWith(" AS " + name);
      }
      if (inside) {
        stage.add(instruction);
      }
    }
    return stage;
  }

  /** The only one of its kind in the last stage. */
  Instruction last(String keyword) {
    List<Instruction> found =
        lastStage().stream().filter(each -> each.keyword().equals(keyword)).toList();
    if (found.size() != 1) {
      throw new IllegalStateException(found.size() + " times " + keyword);
    }
    return found.get(0);
  }

  /** The variables of the last stage. */
  Map<String, String> environment() {
    Map<String, String> variables = new LinkedHashMap<>();
    Matcher matcher = VARIABLE.matcher(last("ENV").arguments());
    while (matcher.find()) {
      variables.put(matcher.group(1), matcher.group(2));
    }
    return variables;
  }

  /**
   * One instruction, its lines joined.
   *
   * @param keyword in capitals
   * @param arguments the rest, as it is written
   */
  record Instruction(String keyword, String arguments) {
    private static Instruction parse(String line) {
      String[] parts = line.strip().split("\\s+", 2);
      return new Instruction(parts[0], parts[1]);
    }

    /**
     * The command or the list that it ends with.
     *
     * @throws IllegalStateException if that is not a JSON array
     */
    List<String> exec() {
      String array = arguments.substring(Math.max(0, arguments.indexOf('[')));
      try {
        return new ObjectMapper().readValue(array, new TypeReference<List<String>>() {});
      } catch (JsonProcessingException e) {
        throw new IllegalStateException(keyword + " is not in exec form", e);
      }
    }
  }
}
