package org.payerexchange.sandbox;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A page of a manifest (FHIR Bulk Data Access 3, {@code link}).
 *
 * @param manifest the number of the manifest
 * @param number of the page, from 1
 */
record ManifestPage(int manifest, int number) {
  /** The query parameter of the URL of a further page. */
  static final String PARAMETER = "page";

  /** How many pages there are. */
  static final int PAGES = 3;

  /** What a page can be asked for too early, and whose links end first. */
  static final int SECOND = 2;

  private static final Pattern FORM = Pattern.compile("(\\d{1,6})-([1-3])");
  private static final List<String> LISTS = List.of("output", "deleted", "error", "outcome");

  /**
   * The page that is asked for.
   *
   * @param name its name in the URL; null: the first one of a new manifest
   * @param now when a new one is given out
   * @throws GatewayRefusal 404 for another name
   */
  static ManifestPage of(Job job, String name, Instant now) {
    if (name == null) {
      return new ManifestPage(job.manifest(now), 1);
    }
    Matcher matcher = FORM.matcher(name);
    if (!matcher.matches() || Integer.parseInt(matcher.group(1)) > job.manifests()) {
      throw GatewayRefusal.outcome(404, "not-found", "Page not found");
    }
    return new ManifestPage(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
  }

  /** Whether the request comes too early. */
  boolean isEarly(Job job) {
    return number == SECOND && job.has(Fault.PAGE_LATE) && job.failsOnceMore(1);
  }

  /** Whether a file stands on it. */
  static boolean holds(int page, int index, int files) {
    return index * PAGES / files + 1 == page;
  }

  /**
   * What of a manifest stands on this page; all of it where the job's manifest has no pages.
   *
   * @param status the URL of the job's status
   */
  ObjectNode cut(Job job, ObjectNode manifest, String status, Faults faults) {
    if (!job.has(Fault.PAGES)) {
      return manifest;
    }
    if (number < PAGES) {
      int next = faults.isDue(Fault.NEXT_ITSELF) ? number : number + 1;
      String url =
          "%s%s%s=%d-%d"
              .formatted(status, status.contains("?") ? "&" : "?", PARAMETER, manifest(), next);
      manifest
          .putArray("link")
          .addObject()
          .put("relation", "next")
          .put("url", faults.isDue(Fault.NEXT_FOREIGN) ? FileUrls.foreign(url) : url);
    }
    return part(manifest);
  }

  /** What of a manifest stands on this page, without a word of others. */
  ObjectNode part(ObjectNode manifest) {
    for (String name : LISTS) {
      if (manifest.path(name) instanceof ArrayNode whole) {
        ArrayNode part = JsonNodeFactory.instance.arrayNode();
        for (int index = 0; index < whole.size(); index++) {
          if (holds(number, index, whole.size())) {
            part.add(whole.get(index));
          }
        }
        manifest.set(name, part);
      }
    }
    return manifest;
  }
}
