package org.payerexchange.karaf;

import java.util.Map;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.service.cm.ManagedService;

/**
 * The bundle on Apache Karaf: runs with the keys of {@code etc/org.payerexchange.cfg}, starts anew
 * when one of them changes, and offers the launcher's commands in the shell, such as {@code
 * payer-exchange:status}.
 */
public final class KarafActivator implements BundleActivator {
  /** The configuration's PID. */
  static final String PID = "org.payerexchange";

  private static final String SCOPE = "payer-exchange";

  private KarafRuntime runtime;

  /** Registers for the configuration; the routes start once there is one. */
  @Override
  public void start(BundleContext context) {
    KarafLog.start(context);
    runtime = new KarafRuntime(context.getBundle());
    context.registerService(
        KarafCommands.class,
        new KarafCommands(runtime),
        FrameworkUtil.asDictionary(
            Map.of("osgi.command.scope", SCOPE, "osgi.command.function", KarafCommands.FUNCTIONS)));
    context.registerService(
        ManagedService.class,
        runtime,
        FrameworkUtil.asDictionary(Map.of(Constants.SERVICE_PID, PID)));
  }

  /** Stops the routes and waits for what is in flight; the framework withdraws the services. */
  @Override
  public void stop(BundleContext context) {
    runtime.close();
  }
}
