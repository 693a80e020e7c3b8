package org.payerexchange.sandbox;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What a payer that speaks PDex asks of the sandbox's tenant {@code bison}. */
public final class PdexClient {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String BASE = "/v1/bison";

  private final SandboxClient http;
  private final String token;

  public PdexClient(Sandbox sandbox) {
    this.http = new SandboxClient(sandbox);
    this.token = http.token();
  }

  /** A request for these members, the first with the id {@code m-0}. */
  public static ObjectNode request(PdexMember... members) {
    ObjectNode request = MAPPER.createObjectNode().put("resourceType", "Parameters");
    for (int index = 0; index < members.length; index++) {
      request.withArray("parameter").add(bundle(members[index], "m-" + index));
    }
    return request;
  }

  private static JsonNode bundle(PdexMember member, String id) {
    return read(
        """
        {"name": "MemberBundle", "part": [
          {"name": "MemberPatient", "resource": {"resourceType": "Patient", "id": "%1$s",
            "identifier": [{"system": "https://old.example/members", "value": "%2$s"}],
            "name": [{"family": "%3$s", "given": ["%4$s"]}], "gender": "%5$s", "birthDate": "%6$s"}},
          {"name": "CoverageToMatch", "resource": {"resourceType": "Coverage", "id": "%1$s-old",
            "identifier": [{"type": {"coding": [
                {"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MB"}]},
              "system": "https://old.example/coverages", "value": "%7$s"}],
            "status": "active", "beneficiary": {"reference": "Patient/%1$s"},
            "relationship": {"coding": [{"code": "self"}]},
            "period": {"start": "2024-01-01"},
            "payor": [{"identifier": {"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}}]}},
          {"name": "Consent", "resource": {"resourceType": "Consent", "id": "%1$s-consent",
            "status": "active",
            "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope",
              "code": "patient-privacy"}]},
            "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
              "code": "IDSCL"}]}],
            "patient": {"reference": "Patient/%1$s"},
            "performer": [{"reference": "Patient/%1$s"}],
            "sourceReference": {"reference": "DocumentReference/consent"},
            "policy": [{"uri":
              "http://hl7.org/fhir/us/davinci-hrex/StructureDefinition-hrex-consent.html#sensitive"}],
            "provision": {"type": "permit", "period": {"start": "2020-01-01", "end": "2099-12-31"},
              "actor": [
                {"role": {"coding": [{
                    "system": "http://terminology.hl7.org/CodeSystem/provenance-participant-type",
                    "code": "performer"}]},
                  "reference": {"identifier": {
                    "system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}}},
                {"role": {"coding": [{
                    "system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType",
                    "code": "IRCP"}]},
                  "reference": {"identifier": {
                    "system": "http://hl7.org/fhir/sid/us-npi", "value": "0123456789"}}}],
              "action": [{"coding": [{
                "system": "http://terminology.hl7.org/CodeSystem/consentaction",
                "code": "disclose"}]}]}}}]}
        """
            .formatted(
                id,
                member.memberId(),
                member.family(),
                member.given(),
                member.gender(),
                member.birthDate(),
                member.coverageId()));
  }

  /** An export's request for these types. */
  public static ObjectNode exportRequest(String types) {
    ObjectNode request = MAPPER.createObjectNode().put("resourceType", "Parameters");
    request
        .withArray("parameter")
        .addObject()
        .put("name", "exportType")
        .put("valueCanonical", "hl7.fhir.us.davinci-pdex#payertopayer");
    if (!types.isEmpty()) {
      request.withArray("parameter").addObject().put("name", "_type").put("valueString", types);
    }
    return request;
  }

  public HttpResponse<String> bulkMatch(JsonNode request, String... headers) {
    return post("/Group/$bulk-member-match", request.toString(), headers);
  }

  public HttpResponse<String> export(String groupId, JsonNode request) {
    return post("/Group/%s/$davinci-data-export".formatted(groupId), request.toString());
  }

  /** With {@code Prefer: respond-async}, unless a header of that name is among the others. */
  public HttpResponse<String> post(String path, String body, String... headers) {
    HttpRequest.Builder request = asked(path);
    request.setHeader("Content-Type", "application/fhir+json");
    request.setHeader("Prefer", "respond-async");
    for (int index = 0; index < headers.length; index += 2) {
      request.setHeader(headers[index], headers[index + 1]);
    }
    return http.send(request.POST(BodyPublishers.ofString(body)));
  }

  /** The first answer of a job that is not 202. */
  public HttpResponse<String> result(HttpResponse<String> started) {
    HttpResponse<String> answer = get(location(started));
    while (answer.statusCode() == 202) {
      answer = get(location(started));
    }
    return answer;
  }

  public static String location(HttpResponse<String> started) {
    return started.headers().firstValue("Content-Location").orElseThrow();
  }

  public HttpResponse<String> get(String url, String... headers) {
    HttpRequest.Builder request = authorised(url);
    return http.send(headers.length == 0 ? request : request.headers(headers));
  }

  public HttpResponse<String> getWithoutToken(String url) {
    return http.send(HttpRequest.newBuilder(URI.create(url)));
  }

  public HttpResponse<String> delete(String url) {
    return http.send(authorised(url).DELETE());
  }

  /** The Groups that a match of these members ends with, from all files of its manifest. */
  public List<JsonNode> groups(PdexMember... members) {
    return lines(json(result(bulkMatch(request(members))))).map(PdexClient::read).toList();
  }

  /** The id of the Group of the matched. */
  public String matched(PdexMember... members) {
    return groups(members).get(0).path("id").asText();
  }

  public JsonNode manifest(String groupId, JsonNode request) {
    return json(result(export(groupId, request)));
  }

  /** All lines of a manifest's files. */
  public Stream<String> lines(JsonNode manifest) {
    List<String> lines = new ArrayList<>();
    for (JsonNode file : manifest.path("output")) {
      lines.addAll(get(file.path("url").asText()).body().lines().toList());
    }
    return lines.stream();
  }

  public static JsonNode json(HttpResponse<String> response) {
    return read(response.body());
  }

  public static JsonNode read(String json) {
    try {
      return MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  private HttpRequest.Builder asked(String path) {
    return http.authorised(BASE + path, token);
  }

  private HttpRequest.Builder authorised(String url) {
    return url.startsWith("http")
        ? HttpRequest.newBuilder(URI.create(url)).header("Authorization", "Bearer " + token)
        : asked(url);
  }
}
