package org.payerexchange.boot;

import java.util.HashSet;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.PlatformHttpComponent;
import org.apache.camel.component.platform.http.PlatformHttpConstants;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.payerexchange.ops.FrontDoor;
import org.payerexchange.ops.OpsAccess;

/**
 * Puts the {@link FrontDoor} before all routes. The keys are read here rather than in the YAML,
 * since Camel would make a number of a key of digits, and end another at its quotes.
 */
public final class OpsConfiguration {
  private OpsConfiguration() {}

  /**
   * The door: of our own server where that runs, else put into the HTTP server of the runtime that
   * has these routes (Camel Quarkus). Where neither is there the context does not start, so that no
   * route is ever open to all.
   */
  public static FrontDoor frontDoor(CamelContext context) throws Exception {
    FrontDoor before = context.getRegistry().findSingleByType(FrontDoor.class);
    if (before != null) {
      return before;
    }
    FrontDoor door = door(new Settings(context), context);
    Set<VertxPlatformHttpRouter> guarded = new HashSet<>();
    guard(context, door, guarded);
    context.addStartupListener((starting, already) -> guard(context, door, guarded));
    context.addStartupListener((starting, already) -> requireGuarded(context, guarded));
    return door;
  }

  /** One that stands before nothing yet. */
  static FrontDoor door(Settings settings, CamelContext context) {
    return new FrontDoor(
        new OpsAccess(OpsKeys.of(settings)),
        context,
        settings.bytes("p2p.ops.max-body-bytes"),
        settings.bytes("p2p.ops.max-bytes-at-once"),
        settings.flag("p2p.ops.publish-keys"));
  }

  private static void guard(
      CamelContext context, FrontDoor door, Set<VertxPlatformHttpRouter> guarded) {
    for (VertxPlatformHttpRouter router :
        context.getRegistry().findByType(VertxPlatformHttpRouter.class)) {
      if (guarded.add(router)) {
        router
            .route()
            .order(Integer.MIN_VALUE)
            .handler(
                request -> {
                  if (door.admits(
                      request.request(), action -> request.addEndHandler(end -> action.run()))) {
                    request.next();
                  }
                });
      }
    }
  }

  private static void requireGuarded(CamelContext context, Set<VertxPlatformHttpRouter> guarded) {
    PlatformHttpComponent http =
        (PlatformHttpComponent)
            context.hasComponent(PlatformHttpConstants.PLATFORM_HTTP_COMPONENT_NAME);
    if (guarded.isEmpty() && http != null && !http.getHttpEndpoints().isEmpty()) {
      throw new IllegalStateException(
          "this runtime's HTTP server is not Vert.x: leave ops.camel.yaml out");
    }
  }
}
