package org.payerexchange.intake;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.node.JsonNodeType;
import com.fasterxml.jackson.databind.node.ValueNode;
import java.io.IOException;

/**
 * A JSON number as it is written. It is never computed: FHIR keeps {@code 1.50} apart from {@code
 * 1.5}, and {@code 1e999999999} would fill the memory.
 */
final class WrittenNumber extends ValueNode {
  private static final long serialVersionUID = 1L;

  private final String text;
  private final boolean integral;

  WrittenNumber(String text, boolean integral) {
    this.text = text;
    this.integral = integral;
  }

  @Override
  public boolean isIntegralNumber() {
    return integral;
  }

  @Override
  public String asText() {
    return text;
  }

  @Override
  public JsonToken asToken() {
    return integral ? JsonToken.VALUE_NUMBER_INT : JsonToken.VALUE_NUMBER_FLOAT;
  }

  @Override
  public JsonNodeType getNodeType() {
    return JsonNodeType.NUMBER;
  }

  @Override
  public void serialize(JsonGenerator generator, SerializerProvider provider) throws IOException {
    generator.writeNumber(text);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof WrittenNumber number && number.text.equals(text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }
}
