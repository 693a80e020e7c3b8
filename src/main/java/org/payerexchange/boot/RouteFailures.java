package org.payerexchange.boot;

import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.LineNumberAware;
import org.apache.camel.NoSuchBeanException;
import org.apache.camel.NoSuchEndpointException;
import org.apache.camel.ResolveEndpointFailedException;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.model.Model;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.payerexchange.delivery.EndpointWords;
import org.payerexchange.step.Causes;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;

/**
 * Says of a route file that cannot be used which one it is, and in which line, where that is known.
 */
final class RouteFailures {
  private static final String READING = "Error pre-parsing resource: ";
  private static final String STEP = ">>> ";
  private static final String STEP_END = " <<<";

  private static final Pattern SAME_ID =
      Pattern.compile("Duplicate (?:route )?ids? detected: ([^.\\s]+)");

  private RouteFailures() {}

  /**
   * The failure as its file's.
   *
   * @param context which did not start
   * @return empty for a failure that is no route file's
   */
  static Optional<IllegalArgumentException> located(Throwable failure, CamelContext context) {
    return Causes.find(failure, MarkedYamlEngineException.class)
        .flatMap(RouteFailures::ofYaml)
        .or(() -> ofClass(failure))
        .or(() -> ofSameIds(failure, context))
        .or(
            () ->
                Causes.find(failure, FailedToCreateRouteException.class)
                    .flatMap(refused -> ofRoute(refused, context)))
        .map(
            words -> {
              IllegalArgumentException located = new IllegalArgumentException(words);
              located.addSuppressed(failure);
              return located;
            });
  }

  private static Optional<String> ofYaml(MarkedYamlEngineException failure) {
    return failure
        .getProblemMark()
        .or(failure::getContextMark)
        .map((Mark mark) -> at(mark.getName(), mark.getLine() + 1, failure.getProblem()));
  }

  /** Of a bean that a file defines; Camel names the file in words alone. */
  private static Optional<String> ofClass(Throwable failure) {
    return Causes.find(failure, ClassNotFoundException.class)
        .flatMap(
            none ->
                Causes.find(failure, RuntimeCamelException.class)
                    .map(Throwable::getMessage)
                    .filter(message -> message.startsWith(READING))
                    .map(message -> message.substring(READING.length()))
                    .map(file -> at(file, 0, "there is no class " + none.getMessage())));
  }

  /**
   * Camel names the id alone, and a reader would not know of whose it is the second. A route that
   * is refused for that is not known any more, a step is.
   */
  private static Optional<String> ofSameIds(Throwable failure, CamelContext context) {
    return Causes.chain(failure).stream()
        .map(cause -> SAME_ID.matcher(String.valueOf(cause.getMessage())))
        .filter(Matcher::find)
        .map(found -> found.group(1))
        .findFirst()
        .map(
            id ->
                "%s: the id %s is used here, and a second time"
                    .formatted(
                        routes(context)
                            .filter(route -> uses(route, id))
                            .map(RouteDefinition::getResource)
                            .filter(Objects::nonNull)
                            .map(resource -> file(resource.getLocation()))
                            .distinct()
                            .collect(Collectors.joining(" and ")),
                        id));
  }

  private static boolean uses(RouteDefinition route, String id) {
    return id.equals(route.getId())
        || ProcessorDefinitionHelper.filterTypeInOutputs(
                route.getOutputs(), ProcessorDefinition.class)
            .stream()
            .anyMatch(step -> id.equals(step.getId()));
  }

  private static Stream<RouteDefinition> routes(CamelContext context) {
    return context
        .getCamelContextExtension()
        .getContextPlugin(Model.class)
        .getRouteDefinitions()
        .stream();
  }

  private static Optional<String> ofRoute(
      FailedToCreateRouteException failure, CamelContext context) {
    return routes(context)
        .filter(route -> route.getId() != null && route.getId().equals(failure.getRouteId()))
        .filter(route -> route.getResource() != null)
        .findFirst()
        .map(
            route ->
                at(
                    route.getResource().getLocation(),
                    line(route, failure.getMessage()),
                    "route %s: %s".formatted(route.getId(), words(failure))));
  }

  /** Of the step that the message quotes; not of every step Camel knows it. */
  private static int line(RouteDefinition route, String message) {
    int begin = message.indexOf(STEP);
    int end = message.indexOf(STEP_END);
    Stream<Integer> ofStep =
        begin < 0 || end < begin
            ? Stream.empty()
            : ProcessorDefinitionHelper.filterTypeInOutputs(
                    route.getOutputs(), LineNumberAware.class)
                .stream()
                .filter(
                    step -> message.substring(begin + STEP.length(), end).equals(step.toString()))
                .map(LineNumberAware::getLineNumber);
    return ofStep.filter(line -> line > 0).findFirst().orElse(0);
  }

  private static String words(FailedToCreateRouteException failure) {
    return Causes.find(failure, NoSuchBeanException.class)
        .map(none -> "there is no bean " + none.getName())
        .or(
            () ->
                Causes.find(failure, ResolveEndpointFailedException.class)
                    .map(refused -> "its endpoint " + EndpointWords.of(refused.getUri(), refused)))
        .or(
            () ->
                Causes.find(failure, NoSuchEndpointException.class)
                    .map(none -> "its endpoint " + EndpointWords.of(none.getUri(), none)))
        .orElseGet(() -> Failures.inOneLine(failure));
  }

  /** A sentence with the place that it is about. */
  static String at(String location, int line, String words) {
    return "%s%s: %s".formatted(file(location), line > 0 ? ", line " + line : "", words);
  }

  private static String file(String location) {
    return location.replaceFirst("^file:", "");
  }
}
