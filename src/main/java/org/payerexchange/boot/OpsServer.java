package org.payerexchange.boot;

import io.vertx.core.Future;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import org.apache.camel.component.platform.http.PlatformHttpConstants;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServerConfiguration;
import org.apache.camel.component.vertx.common.VertxHelper;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.payerexchange.ops.Connections;
import org.payerexchange.ops.FrontDoor;
import org.payerexchange.ops.StrictRequests;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP server of the ops API, health and metrics. Camel's own takes no options: this one speaks
 * HTTP/1.1 alone and TLS where it is told to, bounds its connections, and has the {@link FrontDoor}
 * before every route.
 */
final class OpsServer extends VertxPlatformHttpServer {
  private static final Logger LOG = LoggerFactory.getLogger(OpsServer.class);
  private static final long PATIENCE_SECONDS = 30;

  private final OpsSettings settings;
  private final FrontDoor door;
  private final List<HttpServer> servers = new ArrayList<>();

  OpsServer(OpsSettings settings, FrontDoor door) {
    super(configuration(settings));
    this.settings = settings;
    this.door = door;
  }

  private static VertxPlatformHttpServerConfiguration configuration(OpsSettings settings) {
    VertxPlatformHttpServerConfiguration configuration = new VertxPlatformHttpServerConfiguration();
    configuration.setBindHost(settings.host());
    configuration.setBindPort(settings.port());
    configuration.setMaxBodySize(settings.maxBodyBytes());
    // nothing takes uploads; switched off, Vert.x would still make a folder for them where the
    // process was started
    configuration.getBodyHandler().setUploadsDirectory(System.getProperty("java.io.tmpdir"));
    return configuration;
  }

  @Override
  protected void startServer() throws Exception {
    Router routes =
        VertxPlatformHttpRouter.lookup(
            getCamelContext(), VertxPlatformHttpRouter.getRouterNameFromPort(settings.port()));
    listen(
        settings.port(),
        (connections, request) ->
            door.admits(request, action -> connections.atEnd(request, action)),
        routes);
    if (settings.observePort().isPresent()) {
      listen(
          settings.observePort().get(),
          (connections, request) -> door.admitsToObserve(request),
          routes);
    }
  }

  private void listen(int port, BiPredicate<Connections, HttpServerRequest> admits, Router routes)
      throws Exception {
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost(settings.host())
            .setPort(port)
            .setHttp2ClearTextEnabled(false)
            .setUseAlpn(false);
    Optional<SSLContextParameters> tls = settings.stores().parameters(getCamelContext());
    if (tls.isPresent()) {
      VertxHelper.setupSSLOptions(getCamelContext(), tls.get(), options);
    }
    Connections connections =
        new Connections(getVertx(), settings.maxConnections(), settings.requestTimeout());
    HttpServer server =
        getVertx()
            .createHttpServer(options)
            .connectionHandler(
                connection -> {
                  StrictRequests.on(connection, options);
                  connections.opened(connection);
                })
            .requestHandler(
                request -> {
                  if (connections.received(request, head -> admits.test(connections, head))) {
                    routes.handle(request);
                  }
                });
    servers.add(server);
    try {
      await(server.listen());
    } catch (ExecutionException taken) {
      throw new IllegalArgumentException(
          "p2p.ops.host: %s (%s:%s)"
              .formatted(taken.getCause().getMessage(), settings.host(), port));
    }
  }

  /** Camel's would close the one that it has made, and there is none. */
  @Override
  protected void stopServer() {
    getCamelContext().removeComponent(PlatformHttpConstants.PLATFORM_HTTP_COMPONENT_NAME);
    servers.forEach(server -> close("An ops port", server.close()));
    servers.clear();
  }

  /** Camel's would close it by threads that it makes with its own server. */
  @Override
  protected void stopVertx() {
    if (getVertx() != null) {
      close("The HTTP server", getVertx().close());
      setVertx(null);
    }
  }

  private static void close(String what, Future<Void> closed) {
    try {
      await(closed);
    } catch (Exception e) {
      LOG.warn("{} did not close: {}", what, Failures.inOneLine(e));
    }
  }

  private static void await(Future<?> done) throws Exception {
    done.toCompletionStage().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public HttpServer getServer() {
    return servers.isEmpty() ? null : servers.get(0);
  }

  /** The port of the API, also where it was free to choose. */
  @Override
  public int getPort() {
    return servers.isEmpty() ? settings.port() : servers.get(0).actualPort();
  }
}
