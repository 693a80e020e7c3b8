package org.payerexchange.cli;

import java.time.Duration;
import java.util.Map;
import java.util.Stack;
import org.apache.camel.util.TimeUtils;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.TypeConversionException;

/** Reads how often something is done: {@code 500ms}, {@code 5s}. */
final class Period implements ITypeConverter<Duration> {
  private static final Duration SHORTEST = Duration.ofMillis(100);
  private static final Duration LONGEST = Duration.ofDays(1);

  @Override
  public Duration convert(String text) {
    Duration period = Duration.ofMillis(TimeUtils.toMilliSeconds(text));
    if (period.compareTo(SHORTEST) < 0 || period.compareTo(LONGEST) > 0) {
      throw new TypeConversionException("'%s' is not from 100ms to 1d".formatted(text));
    }
    return period;
  }

  /** Takes no more than what an equals sign joins to the option: what follows is another's. */
  static final class Attached implements IParameterPreprocessor {
    @Override
    public boolean preprocess(
        Stack<String> left, CommandSpec command, ArgSpec option, Map<String, Object> info) {
      if (!"=".equals(info.get("separator"))) {
        left.push(((OptionSpec) option).fallbackValue());
      }
      return false;
    }
  }
}
