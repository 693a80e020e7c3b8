package org.payerexchange.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.support.TestBundle;

/** What consoles such as Hawtio see. */
class JmxTest {
  private static final MBeanServer BEANS = ManagementFactory.getPlatformMBeanServer();

  @TempDir Path folder;

  @Test
  void theRoutesAreShownOnlyWhereJmxIsSwitchedOn() throws Exception {
    ObjectName routes;
    try (TestBundle bundle = TestBundle.in(folder).start()) {
      routes = routes(bundle);
      assertThat(BEANS.queryNames(routes, null)).isEmpty();
    }
    try (TestBundle bundle = TestBundle.in(folder).set("camel.main.jmxEnabled", "true").start()) {
      routes = routes(bundle);

      assertThat(BEANS.queryNames(routes, null))
          .hasSameSizeAs(bundle.context().getRoutes())
          .anyMatch(name -> name.getKeyProperty("name").equals("\"download-file\""));
    }
    assertThat(BEANS.queryNames(routes, null)).as("after the stop").isEmpty();
  }

  private static ObjectName routes(TestBundle bundle) throws Exception {
    return new ObjectName(
        "org.apache.camel:context=%s,type=routes,*".formatted(bundle.context().getName()));
  }
}
