package org.payerexchange.boot;

import static java.util.stream.Collectors.toSet;

import java.util.Locale;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.Ordered;
import org.apache.camel.component.properties.PropertiesComponent;
import org.apache.camel.spi.PropertiesSource;
import org.apache.camel.util.IOHelper;

/**
 * The environment's variables as one source of settings: above files, but below overrides, where
 * Camel's own way puts them above both.
 */
public final class Environment implements PropertiesSource, Ordered {
  /** Of the source. */
  static final String NAME = "environment";

  private static final String PREFIX = "P2P_";

  private final Set<String> names;

  /** Of these variables. */
  Environment(Set<String> names) {
    this.names = names.stream().filter(name -> name.startsWith(PREFIX)).collect(toSet());
  }

  /**
   * Takes the place of Camel's own way, and has files read in the encoding of a {@link Setup}.
   *
   * @param heeded whether the variables are settings at all
   */
  static void of(CamelContext context, boolean heeded) {
    PropertiesComponent properties = (PropertiesComponent) context.getPropertiesComponent();
    properties.setEncoding(Setup.ENCODING);
    properties.setEnvironmentVariableMode(PropertiesComponent.ENVIRONMENT_VARIABLES_MODE_NEVER);
    if (heeded) {
      properties.addPropertiesSource(new Environment(System.getenv().keySet()));
    }
  }

  /** The variables that are meant for this bundle. */
  Set<String> names() {
    return names;
  }

  /** The variable that stands for a key. */
  public static String variable(String key) {
    return key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }

  @Override
  public String getName() {
    return NAME;
  }

  @Override
  public String getProperty(String name) {
    return IOHelper.lookupEnvironmentVariable(name);
  }

  @Override
  public int getOrder() {
    return Ordered.HIGHEST;
  }
}
