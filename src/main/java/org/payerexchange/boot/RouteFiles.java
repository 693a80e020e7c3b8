package org.payerexchange.boot;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.main.DefaultRoutesCollector;
import org.apache.camel.model.EndpointRequiredDefinition;
import org.apache.camel.model.EnrichDefinition;
import org.apache.camel.model.Model;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.ToDynamicDefinition;
import org.apache.camel.model.language.ConstantExpression;
import org.apache.camel.spi.Resource;
import org.apache.camel.util.URISupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * The route files that are loaded, and what Camel would start with though nobody can have meant it:
 * a file that says nothing, and a step that leads to no route.
 */
final class RouteFiles extends DefaultRoutesCollector {
  private static final Logger LOG = LoggerFactory.getLogger(RouteFiles.class);
  private static final String ALL = "*" + Setup.ROUTE_FILE;
  private static final String OWN = "classpath:routes/" + ALL;
  private static final String DIRECT = "direct:";

  /** Where the routes begin of files of ours that settings switch off. */
  private Set<String> off = Set.of();

  private boolean complete;

  /** Camel makes the beans of a file once more if it has read another file in between. */
  @Override
  public Collection<Resource> findRouteResourcesFromDirectory(
      CamelContext context, String excludePattern, String includePattern) {
    Collection<Resource> files = find(context, excludePattern, includePattern);
    files.forEach(RouteFiles::requireContent);
    complete = includePattern.endsWith("/" + ALL);
    if (complete) {
      Collection<Resource> own = find(context, excludePattern, OWN);
      off =
          find(context, "**/routes/sandbox/*", OWN).stream()
              .filter(file -> !names(own).contains(name(file)))
              .flatMap(file -> compose(file).stream())
              .flatMap(RouteFiles::beginnings)
              .collect(Collectors.toSet());
      Set<String> there = names(files);
      List<String> missing =
          names(own).stream().filter(name -> !there.contains(name)).sorted().toList();
      if (!there.isEmpty() && !missing.isEmpty()) {
        LOG.warn(
            "{} lacks {}: its files replace all of the bundle's",
            includePattern.replaceFirst("^file:(.*)/.*", "$1"),
            String.join(", ", missing));
      }
    }
    return files.stream()
        .sorted(Comparator.comparing(file -> !name(file).equals("beans" + Setup.ROUTE_FILE)))
        .toList();
  }

  private Collection<Resource> find(CamelContext context, String exclude, String include) {
    return super.findRouteResourcesFromDirectory(context, exclude, include);
  }

  private static Set<String> names(Collection<Resource> files) {
    return files.stream().map(RouteFiles::name).collect(Collectors.toSet());
  }

  private static String name(Resource file) {
    return file.getLocation().substring(file.getLocation().lastIndexOf('/') + 1);
  }

  private static Optional<Node> compose(Resource file) {
    try (InputStream in = file.getInputStream()) {
      return new Compose(LoadSettings.builder().build()).composeInputStream(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The {@code uri} of each {@code from}. */
  private static Stream<String> beginnings(Node node) {
    if (node instanceof SequenceNode list) {
      return list.getValue().stream().flatMap(RouteFiles::beginnings);
    }
    if (node instanceof MappingNode map) {
      return Stream.concat(
          values(map, "from").flatMap(from -> values(from, "uri")).map(RouteFiles::scalar),
          map.getValue().stream().map(NodeTuple::getValueNode).flatMap(RouteFiles::beginnings));
    }
    return Stream.empty();
  }

  private static Stream<Node> values(Node node, String key) {
    return node instanceof MappingNode map
        ? map.getValue().stream()
            .filter(entry -> scalar(entry.getKeyNode()).equals(key))
            .map(NodeTuple::getValueNode)
        : Stream.empty();
  }

  private static String scalar(Node node) {
    return node instanceof ScalarNode scalar ? scalar.getValue() : "";
  }

  /** An empty list is a word: there is to be nothing. */
  private static void requireContent(Resource file) {
    Optional<Node> root;
    try {
      root = compose(file);
    } catch (YamlEngineException unreadable) {
      // Camel says so, with the line
      return;
    }
    if (root.filter(RouteFiles::isOfCamel).isEmpty()) {
      throw new IllegalArgumentException(
          RouteFailures.at(
              file.getLocation(),
              0,
              "holds no route: a route file is a list whose entries begin like '- route:'"));
    }
  }

  /** A list, or one of Camel K's resources. */
  private static boolean isOfCamel(Node root) {
    return root instanceof SequenceNode || values(root, "apiVersion").findAny().isPresent();
  }

  /**
   * Refuses the first step that leads to a route of this context which is not there. Camel itself
   * would do so with the first exchange that takes the step.
   *
   * @throws IllegalArgumentException naming the file, the line and the route
   */
  void requireTargets(CamelContext context) {
    if (!complete) {
      return;
    }
    List<RouteDefinition> routes =
        context.getCamelContextExtension().getContextPlugin(Model.class).getRouteDefinitions();
    Set<String> begun =
        Stream.concat(off.stream(), routes.stream().map(route -> route.getInput().getEndpointUri()))
            .map(uri -> address(context, uri))
            .collect(Collectors.toSet());
    for (RouteDefinition route : routes) {
      for (ProcessorDefinition<?> step :
          ProcessorDefinitionHelper.filterTypeInOutputs(
              route.getOutputs(), ProcessorDefinition.class)) {
        target(step)
            .map(uri -> address(context, uri))
            .filter(uri -> uri.startsWith(DIRECT) && !begun.contains(uri))
            .ifPresent(
                uri -> {
                  throw new IllegalArgumentException(
                      RouteFailures.at(
                          route.getResource() == null
                              ? "the routes"
                              : route.getResource().getLocation(),
                          step.getLineNumber(),
                          "route %s: no route begins with %s".formatted(route.getId(), uri)));
                });
      }
    }
  }

  /** Where a step leads by its text alone; nothing of those that an exchange decides on. */
  private static Optional<String> target(ProcessorDefinition<?> step) {
    Optional<String> uri = Optional.empty();
    if (step instanceof EndpointRequiredDefinition to) {
      uri = Optional.ofNullable(to.getEndpointUri());
    } else if (step instanceof ToDynamicDefinition to) {
      uri = Optional.ofNullable(to.getUri());
    } else if (step instanceof EnrichDefinition enrich
        && enrich.getExpression() instanceof ConstantExpression constant) {
      uri = Optional.ofNullable(constant.getExpression());
    }
    return uri.filter(
        text -> !text.matches("(?s).*(\\$\\{|\\$simple\\{|\\+|failIfNoConsumers=).*"));
  }

  private static String address(CamelContext context, String uri) {
    String resolved = uri;
    try {
      resolved = context.resolvePropertyPlaceholders(uri);
    } catch (IllegalArgumentException unset) {
      // Camel names the key, with the file and the line
    }
    return URISupport.stripQuery(resolved).replaceFirst(":/*", ":");
  }
}
