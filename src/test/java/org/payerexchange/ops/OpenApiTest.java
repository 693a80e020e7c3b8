package org.payerexchange.ops;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.ledger.store.OperatorAction.NotDone;
import org.payerexchange.ledger.store.PayerHolds;
import org.payerexchange.ledger.store.TransferPart;
import org.payerexchange.report.Overdue;
import org.payerexchange.step.FailureReason;
import org.payerexchange.support.TestBundle;

/** The document that the API serves says what the routes do. */
class OpenApiTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> METHODS = Set.of("get", "post", "put", "patch", "delete");
  private static final Pattern IN_BRACES = Pattern.compile("\\{(\\w+)}");
  private static final String RECORD =
      """
      {"payer": "bison", "requestId": "R-1", "memberId": "M1", "given": "Ada", "family": "Testperson",
       "birthDate": "1970-01-01", "gender": "female", "coverageId": "C1", "consentId": "K1",
       "consentPolicy": "regular",
       "consentStart": "2026-01-01", "consentEnd": "2099-12-31"}""";

  private final JsonNode document = document();

  @Test
  void itsPathsAndMethodsAreThoseOfTheRoutes() {
    Set<String> routed = new TreeSet<>();
    for (JsonNode item : rests()) {
      JsonNode rest = item.path("rest");
      if (!rest.path("id").asText().equals("ops-page")) {
        for (String method : METHODS) {
          rest.path(method)
              .forEach(
                  verb ->
                      routed.add(
                          "%s %s%s %s"
                              .formatted(
                                  method,
                                  rest.path("path").asText(),
                                  verb.path("path").asText(),
                                  verb.path("id").asText())));
        }
      }
    }

    assertThat(
            operations()
                .map(
                    operation ->
                        "%s %s %s"
                            .formatted(
                                operation.method(),
                                operation.path(),
                                operation.node().path("operationId").asText())))
        .containsExactlyInAnyOrderElementsOf(routed);
  }

  @Test
  void itsParametersAreThoseThatRequestsMayHave() {
    operations()
        .forEach(
            operation -> {
              Set<String> inPath = new TreeSet<>();
              IN_BRACES.matcher(operation.path()).results().forEach(it -> inPath.add(it.group(1)));
              assertThat(operation.parameters("path")).as(operation.path()).isEqualTo(inPath);
              assertThat(operation.parameters("query"))
                  .as(operation.path())
                  .isEqualTo(
                      QueryNames.of(
                              HttpMethod.valueOf(operation.method().toUpperCase(Locale.ROOT)),
                              operation.path().replaceAll("[{}]", ""))
                          .orElse(Set.of()));
            });
  }

  @Test
  void itsNamesAreThoseOfTheCode() {
    assertThat(texts("/components/schemas/Reason/enum")).isEqualTo(names(FailureReason.values()));
    assertThat(texts("/paths/~1api~1transfers~1{id}~1{part}/get/parameters/1/schema/enum"))
        .isEqualTo(
            names(TransferPart.values()).stream()
                .map(name -> name.toLowerCase(Locale.ROOT))
                .toList());
    assertThat(texts("/components/schemas/TransferState/enum"))
        .isEqualTo(names(TransferState.values()));
    assertThat(texts("/components/schemas/ActionAnswer/properties/action/enum"))
        .isEqualTo(names(Actions.Action.values()));
    assertThat(texts("/components/schemas/Action/properties/action/enum"))
        .isEqualTo(
            names(Actions.Action.values()).stream()
                .map(name -> name.toLowerCase(Locale.ROOT))
                .toList());
    assertThat(texts("/components/schemas/Overdue/enum")).isEqualTo(names(Overdue.values()));
    assertThat(fields("/components/schemas/ActionAnswer/properties/refused/properties"))
        .containsExactlyInAnyOrderElementsOf(names(NotDone.values()));
    assertThat(fields("/components/schemas/Filter/properties"))
        .containsExactlyInAnyOrderElementsOf(Filters.NAMES);
  }

  @Test
  void itIsServedAndAnswersAreAsItSays(@TempDir Path folder) throws Exception {
    try (TestBundle bundle =
        TestBundle.in(folder)
            .payer("bison", "http://127.0.0.1:1")
            .set("p2p.deliver.resource-uris.1", "log:somewhere?level=OFF")
            .ops()
            .start()) {
      bundle.context().getRouteController().stopRoute("match-member");
      HttpResponse<String> served = send(bundle, "GET", "/api/openapi.json", "");
      assertThat(served.headers().firstValue("Content-Type")).contains("application/json");
      assertThat(JSON.readTree(served.body())).isEqualTo(document);

      String id =
          checked(bundle, "POST", "/api/transfers", RECORD, 202, "Intake")
              .at("/accepted/0/id")
              .asText();
      checked(bundle, "POST", "/api/transfers", RECORD.replace("1970", "soon"), 400, "Intake");
      bundle
          .bean("payerHolds", PayerHolds.class)
          .hold("bison", Duration.ofHours(1), "it asks for a pause");
      act(bundle, "{`action`: `pause`, `filter`: {`payer`: `bison`}}");
      checked(bundle, "GET", "/api/transfers", "", 200, "TransferList");
      assertThat(
              checked(bundle, "GET", "/api/transfers/" + id, "", 200, "TransferDetails")
                  .has("waitsFor"))
          .isTrue();
      checked(
          bundle, "GET", "/api/transfers/" + id + "?include=request", "", 200, "TransferDetails");
      checked(bundle, "GET", "/api/transfers/" + id + "/events", "", 200, "PartPage");
      checked(bundle, "GET", "/api/transfers/" + id + "/warned", "", 200, "PartPage");
      checked(bundle, "GET", "/api/payers", "", 200, "PayerList");
      checked(bundle, "GET", "/api/overview", "", 200, "Overview");
      assertThat(
              checked(
                      bundle,
                      "GET",
                      "/api/report?from=2020-01-01&to=2099-12-31&include=members",
                      "",
                      200,
                      "Report")
                  .at("/requests/0/memberId")
                  .asText())
          .isEqualTo("M1");
      checked(bundle, "GET", "/api/report?from=2020-01-01", "", 400, "Error");
      checked(bundle, "GET", "/api/sinks", "", 200, "SinkList");
      act(bundle, "{`action`: `now`, `filter`: {`payer`: `bison`, `state`: [`RECEIVED`]}}");
      checked(bundle, "POST", "/api/transfers/" + id + "/now", "", 409, "Error");
      checked(bundle, "POST", "/api/transfers/" + id + "/cancel", "", 200, "Done");
      checked(bundle, "GET", "/api/transfers?state=LOST", "", 400, "Error");
    }
  }

  private void act(TestBundle bundle, String body) throws Exception {
    String json = body.replace('`', '"');
    assertThat(strict("Action").validate(JSON.readTree(json))).isEmpty();
    checked(bundle, "POST", "/api/actions", json, 200, "ActionAnswer");
  }

  private JsonNode checked(
      TestBundle bundle, String method, String path, String body, int status, String schema)
      throws Exception {
    HttpResponse<String> answer = send(bundle, method, path, body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    JsonNode json = JSON.readTree(answer.body());
    assertThat(strict(schema).validate(json)).as(answer.body()).isEmpty();
    return json;
  }

  private static HttpResponse<String> send(
      TestBundle bundle, String method, String path, String body) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(bundle.opsUrl().resolve(path))
                .method(
                    method,
                    body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                .header("Content-Type", "application/json")
                .build(),
            BodyHandlers.ofString());
  }

  /** A schema of the document; what it does not name is an error. */
  private JsonSchema strict(String name) {
    ObjectNode schema = JSON.createObjectNode().put("$ref", "#/components/schemas/" + name);
    schema.set("components", document.path("components").deepCopy());
    close(schema);
    return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(schema);
  }

  private static void close(JsonNode node) {
    if (node instanceof ObjectNode object && object.path("properties").isObject()) {
      object.put("additionalProperties", false);
    }
    node.forEach(OpenApiTest::close);
  }

  private record Operation(String path, String method, JsonNode node) {
    Set<String> parameters(String in) {
      Set<String> names = new TreeSet<>();
      node.path("parameters")
          .forEach(
              parameter -> {
                if (parameter.path("in").asText().equals(in)) {
                  names.add(parameter.path("name").asText());
                }
              });
      return names;
    }
  }

  private Stream<Operation> operations() {
    List<Operation> all = new ArrayList<>();
    document
        .path("paths")
        .properties()
        .forEach(
            path ->
                path.getValue()
                    .properties()
                    .forEach(
                        method ->
                            all.add(
                                new Operation(path.getKey(), method.getKey(), method.getValue()))));
    return all.stream();
  }

  private List<String> texts(String pointer) {
    List<String> texts = new ArrayList<>();
    document.at(pointer).forEach(text -> texts.add(text.asText()));
    return texts;
  }

  private List<String> fields(String pointer) {
    List<String> names = new ArrayList<>();
    document.at(pointer).fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static List<String> names(Enum<?>[] constants) {
    return Arrays.stream(constants).map(Enum::name).collect(Collectors.toList());
  }

  private static JsonNode rests() {
    try {
      return new YAMLMapper().readTree(Path.of("routes", "ops.camel.yaml").toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode document() {
    try (InputStream file = OpenApiTest.class.getResourceAsStream("/ops-api/openapi.json")) {
      return JSON.readTree(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
