package org.payerexchange.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;

/** What the gateway's documentation does with curl. */
final class SandboxClient {
  private final ObjectMapper mapper = new ObjectMapper();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Sandbox sandbox;

  SandboxClient(Sandbox sandbox) {
    this.sandbox = sandbox;
  }

  HttpResponse<String> tokenResponse(Map<String, String> form) {
    String body =
        form.entrySet().stream()
            .map(
                field ->
                    field.getKey()
                        + '='
                        + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
            .collect(Collectors.joining("&"));
    return send(
        HttpRequest.newBuilder(sandbox.tokenUrl())
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(body)));
  }

  String token() {
    return json(tokenResponse(
            Map.of(
                "client_id",
                SandboxOptions.DEFAULT_CLIENT_ID,
                "client_secret",
                SandboxOptions.DEFAULT_CLIENT_SECRET,
                "grant_type",
                "client_credentials",
                "scope",
                "member-match|read")))
        .path("access_token")
        .asText();
  }

  HttpResponse<String> match(String tenant, String token, String request) {
    return send(
        authorised("/v1/" + tenant + "/member-match/$member-match", token)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(request)));
  }

  HttpResponse<String> kickOff(String tenant, String token, String groupId) {
    return get("/v1/%s/bulk-data/r4/Group/%s/$export".formatted(tenant, groupId), token);
  }

  /**
   * Kicks off, reads the job's id from the end of the text, and asks for the status until it is
   * final.
   */
  JsonNode manifest(String tenant, String token, String groupId) {
    String text = json(kickOff(tenant, token, groupId)).at("/issue/0/details/text").asText();
    String job = text.substring(text.lastIndexOf('/') + 1);
    JsonNode status = status(tenant, token, job);
    while ("Running".equals(status.path("status").asText())) {
      status = status(tenant, token, job);
    }
    return status;
  }

  JsonNode status(String tenant, String token, String job) {
    return json(get("/v1/%s/bulk-data/r4/$export/job/%s".formatted(tenant, job), token));
  }

  /** Gets a file named by a manifest, from the sandbox whatever host the URL names. */
  HttpResponse<String> file(String url, String token, String... headers) {
    HttpRequest.Builder request = authorised(URI.create(url).getRawPath(), token);
    return send(headers.length == 0 ? request : request.headers(headers));
  }

  HttpResponse<String> get(String path, String token) {
    return send(authorised(path, token));
  }

  HttpResponse<String> send(HttpRequest.Builder request) {
    return send(request, BodyHandlers.ofString());
  }

  HttpResponse<byte[]> bytes(HttpRequest.Builder request) {
    return send(request, BodyHandlers.ofByteArray());
  }

  private <T> HttpResponse<T> send(HttpRequest.Builder request, HttpResponse.BodyHandler<T> body) {
    try {
      return http.send(request.build(), body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  HttpRequest.Builder authorised(String path, String token) {
    return HttpRequest.newBuilder(sandbox.origin().resolve(path))
        .header("Authorization", "Bearer " + token);
  }

  JsonNode json(HttpResponse<String> response) {
    try {
      return mapper.readTree(response.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The request as the documentation prints it, the placeholders filled in. */
  static String pageRequest(Member member) {
    return """
        {"resourceType": "Parameters", "id": "%s", "parameter": [
          {"name": "MemberPatient", "resource": {
            "name": [{"given": ["%s"], "family": "%s"}], "birthDate": "%s"}},
          {"name": "CoverageToMatch", "resource": {"identifier": [{"value": "%s"}]}},
          {"name": "Consent", "resource": {"resourceType": "Consent", "id": "consent-1", "status": "active",
            "policy": [{"uri":
              "http://hl7.org/fhir/us/davinci-hrex/StructureDefinition-hrex-consent.html#regular"}],
            "provision": {"type": "permit", "period": {"start": "2020-01-01", "end": "2099-12-31"}}}}]}
        """
        .formatted(
            member.memberId(),
            member.given(),
            member.family(),
            member.birthDate(),
            member.coverageId());
  }
}
