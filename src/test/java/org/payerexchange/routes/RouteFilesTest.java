package org.payerexchange.routes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every route file keeps to, so that operators can read, override and monitor the routes. */
class RouteFilesTest {

  private static final Set<String> OUTBOUND =
      Set.of("to", "toD", "recipientList", "enrich", "wireTap", "bean");
  private static final Pattern KEBAB = Pattern.compile("[a-z]+(-[a-z0-9]+)+");
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{[?!]?([a-z0-9.-]+)");
  private static final Pattern SIMPLE_REFERENCE =
      Pattern.compile(
          "\\$\\{(body|header\\.[\\w-]+|variable\\.[\\w-]+|exchangeProperty\\.[\\w-]+)}");
  private static final Pattern COMPARISON =
      Pattern.compile(SIMPLE_REFERENCE.pattern() + " (==|!=|>=|<=|>|<|is|in) [^$]+");

  private static final String ARGUMENT =
      "(\\d+|'[^']+'|\\$\\{(body|headers|exchange(\\.context)?|exception|variable(\\.\\w+){1,2}"
          + "|exchangeProperty\\.CamelExceptionCaught"
          + "|header\\.(CamelHttpResponseCode|p2pStatus|Retry-After|Content-Location|X-Progress|X-Export-Status|Expires|Date))})";
  private static final Pattern CALL =
      Pattern.compile("\\w+(\\(%1$s(, %1$s)*\\))?".formatted(ARGUMENT));

  private static final JsonSchema SCHEMA = schema();

  static Stream<Path> files() {
    return RouteFiles.all().stream();
  }

  @ParameterizedTest
  @MethodSource("files")
  void theFileIsValidYamlDsl(Path file) {
    assertThat(SCHEMA.validate(RouteFiles.written(file))).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("files")
  void everyRouteHasAKebabIdAndADescriptionOfOneSentence(Path file) {
    for (JsonNode route : RouteFiles.routes(file)) {
      String id = route.path("id").asText();
      assertThat(id).as("id in %s", file).matches(KEBAB);
      assertThat(route.path("description").asText()).as("description of %s", id).isNotBlank();
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void aDirectRouteIsNamedAfterItsId(Path file) {
    for (JsonNode route : RouteFiles.routes(file)) {
      String uri = RouteFiles.uri(route.path("from"));
      if (uri.startsWith("direct:")) {
        assertThat(uri).isEqualTo("direct:" + route.path("id").asText());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void everyOutboundStepHasAnIdAndNoQueryString(Path file) {
    for (JsonNode route : RouteFiles.routes(file)) {
      RouteFiles.walk(
          route,
          (name, step) -> {
            if (OUTBOUND.contains(name)) {
              assertThat(step.path("id").asText())
                  .as("%s in %s of %s", step, route.path("id"), file)
                  .isNotBlank();
            }
            if (name.equals("uri")) {
              assertThat(step.asText()).as("uri in %s", file).doesNotContain("?");
            }
          });
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void anExpressionIsNoMoreThanAConstantAReferenceOrAComparison(Path file) {
    RouteFiles.walk(
        RouteFiles.read(file),
        (name, value) -> {
          if (name.equals("simple")) {
            String text = value.isTextual() ? value.asText() : value.path("expression").asText();
            assertThat(
                    SIMPLE_REFERENCE.matcher(text).matches()
                        || COMPARISON.matcher(text).matches()
                        || !text.contains("${"))
                .as("expression '%s' in %s", text, file)
                .isTrue();
          }
          assertThat(name).as("language in %s", file).isNotIn("groovy", "doTry", "joor", "java");
        });
  }

  /**
   * A named argument that is text loses its quotes, and "null" becomes nothing: only such text of
   * others is handed over so to which that makes no difference, the rest in all headers.
   */
  @ParameterizedTest
  @MethodSource("files")
  void anArgumentOfABeanIsAReferenceToSomethingOfOurs(Path file) {
    RouteFiles.walk(
        RouteFiles.read(file),
        (name, value) -> {
          if (name.equals("method") && value.isTextual()) {
            assertThat(value.asText()).as("call in %s", file).matches(CALL);
          }
        });
  }

  @ParameterizedTest
  @MethodSource("files")
  void aFileSaysWhatItIsForAndItsRoutesStandApartByAnEmptyLine(Path file) {
    String[] parts = RouteFiles.text(file).split("\n(?=- )", -1);
    assertThat(parts[0]).as("what %s is for", file).matches("# .+");
    assertThat(Stream.of(parts).skip(1).limit(Math.max(0, parts.length - 2)))
        .as("routes of %s", file)
        .allSatisfy(part -> assertThat(part).endsWith("\n").doesNotContain("\n\n"));
  }

  @Test
  void routeAndStepIdsAreUnique() {
    for (Path folder : List.of(RouteFiles.PRODUCTION, RouteFiles.SANDBOX)) {
      List<String> ids = new ArrayList<>();
      for (Path file : RouteFiles.in(folder)) {
        for (JsonNode item : RouteFiles.read(file)) {
          if (!item.has("beans")) {
            RouteFiles.walk(
                item,
                (name, value) -> {
                  if (name.equals("id")) {
                    ids.add(value.asText());
                  }
                });
          }
        }
      }
      assertThat(ids).doesNotHaveDuplicates();
    }
  }

  @Test
  void everyDirectEndpointThatIsCalledIsOffered() {
    for (Path folder : List.of(RouteFiles.PRODUCTION, RouteFiles.SANDBOX)) {
      Set<String> offered = new TreeSet<>();
      Set<String> called = new TreeSet<>();
      for (Path file : RouteFiles.in(folder)) {
        JsonNode tree = RouteFiles.read(file);
        RouteFiles.steps(tree, "from").forEach(from -> offered.add(RouteFiles.uri(from)));
        for (String kind : Set.of("to", "enrich", "wireTap")) {
          RouteFiles.steps(tree, kind).stream()
              .map(
                  step ->
                      step.has("expression")
                          ? step.at("/expression/constant/expression").asText()
                          : RouteFiles.uri(step))
              .filter(uri -> uri.startsWith("direct:") || uri.startsWith("seda:"))
              .forEach(called::add);
        }
      }
      assertThat(offered).containsAll(called);
    }
  }

  @Test
  void onlyTheErrorsFileHandlesErrorsAndOnlyTheBeansFileWires() {
    for (Path file : RouteFiles.in(RouteFiles.PRODUCTION)) {
      Set<String> kinds = new HashSet<>();
      RouteFiles.read(file).forEach(item -> item.fieldNames().forEachRemaining(kinds::add));
      switch (file.getFileName().toString()) {
        case "beans.camel.yaml" -> assertThat(kinds).containsOnly("beans");
        case "errors.camel.yaml" -> assertThat(kinds).containsOnly("routeConfiguration");
        default ->
            assertThat(kinds)
                .as(file.toString())
                .isSubsetOf("route", "rest", "routeTemplate", "templatedRoute");
      }
    }
  }

  @Test
  void everyErrorConfigurationThatARouteNamesExists() {
    Set<String> defined =
        RouteFiles.steps(
                RouteFiles.read(RouteFiles.PRODUCTION.resolve("errors.camel.yaml")),
                "routeConfiguration")
            .stream()
            .map(configuration -> configuration.path("id").asText())
            .collect(Collectors.toSet());
    for (Path file : RouteFiles.in(RouteFiles.PRODUCTION)) {
      for (JsonNode named : RouteFiles.steps(RouteFiles.read(file), "routeConfigurationId")) {
        assertThat(defined).contains(named.asText().split(","));
      }
    }
  }

  @Test
  void everyPlaceholderIsAKeyOfTheConfigurationFile() throws IOException {
    Set<Object> keys = configuration().keySet();
    for (Path file : RouteFiles.in(RouteFiles.PRODUCTION)) {
      Matcher placeholder = PLACEHOLDER.matcher(RouteFiles.read(file).toString());
      while (placeholder.find()) {
        assertThat(keys).as("key in %s", file).contains(placeholder.group(1));
      }
    }
  }

  @Test
  void everyKeyOfTheConfigurationFileIsUsed() throws IOException {
    StringBuilder text = new StringBuilder();
    for (Path root : List.of(Path.of("routes"), Path.of("src/main/java"))) {
      try (Stream<Path> files = Files.walk(root)) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          text.append(Files.readString(file));
        }
      }
    }
    text.append(configuration().values());
    for (String key : configuration().stringPropertyNames()) {
      if (key.startsWith("p2p.")) {
        // who we are at a token endpoint is read for payers and the FHIR server alike
        String shared = key.replaceFirst("^p2p\\.deliver\\.fhir", "keys + \"") + "\"";
        assertThat(text).as("use of %s", key).containsAnyOf(key, shared);
      }
    }
  }

  private static Properties configuration() throws IOException {
    Properties properties = new Properties();
    try (InputStream in = Files.newInputStream(Path.of("config", "application.properties"))) {
      properties.load(in);
    }
    return properties;
  }

  private static JsonSchema schema() {
    try (InputStream in = RouteFilesTest.class.getResourceAsStream("/schema/camelYamlDsl.json")) {
      return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V4)
          .getSchema(new ObjectMapper().readTree(in));
    } catch (IOException e) {
      throw new ExceptionInInitializerError(e);
    }
  }
}
