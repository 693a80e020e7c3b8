package org.payerexchange.hapi;

import ca.uhn.fhir.jpa.provider.JpaSystemProvider;
import ca.uhn.fhir.jpa.search.DatabaseBackedPagingProvider;
import ca.uhn.fhir.rest.server.RestfulServer;
import ca.uhn.fhir.rest.server.provider.ResourceProviderFactory;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

/** HAPI's JPA server on a free port of the loopback interface; it ends with its standard input. */
public final class JpaServer {
  private static final int PAGE = 1_000;

  private JpaServer() {}

  /**
   * Starts it and prints its base URL, alone on a line, once it answers. A line on its standard
   * input lets go what {@link Holding} holds.
   *
   * @param arguments how many resources it stores before it holds its answers
   */
  public static void main(String[] arguments) throws Exception {
    Holding holding = new Holding(Integer.parseInt(arguments[0]), System.out);
    AnnotationConfigApplicationContext beans =
        new AnnotationConfigApplicationContext(JpaServerBeans.class);
    Server jetty = new Server();
    ServerConnector connector = new ServerConnector(jetty);
    connector.setHost("127.0.0.1");
    jetty.addConnector(connector);
    ServletContextHandler handler = new ServletContextHandler();
    handler.addServlet(new ServletHolder(restful(beans, holding)), "/fhir/*");
    jetty.setHandler(handler);
    jetty.start();
    System.out.println("http://127.0.0.1:%d/fhir".formatted(connector.getLocalPort()));
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    while (lines.readLine() != null) {
      holding.letGo();
    }
    Runtime.getRuntime().halt(0);
  }

  private static RestfulServer restful(AnnotationConfigApplicationContext beans, Holding holding) {
    JpaSystemProvider<?, ?> system = beans.getBean(JpaSystemProvider.class);
    RestfulServer server = new RestfulServer(system.getContext());
    server.registerProvider(system);
    server.registerProviders(beans.getBean(ResourceProviderFactory.class).createProviders());
    DatabaseBackedPagingProvider pages = beans.getBean(DatabaseBackedPagingProvider.class);
    pages.setMaximumPageSize(PAGE);
    server.setPagingProvider(pages);
    server.registerInterceptor(holding);
    return server;
  }
}
