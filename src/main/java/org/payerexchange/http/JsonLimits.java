package org.payerexchange.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;

/**
 * What others send as JSON is bounded in depth, tokens and length of numbers, names and strings,
 * before any of it is made an object. Every mapper of the bundle is made here.
 */
public final class JsonLimits {
  private static final int TOKENS = 1 << 20;
  private static final int STRING_LENGTH = 1 << 20;

  /** The longest line that is taken is 16 MiB. */
  private static final int STRING_OF_RESOURCE = 17 * 1024 * 1024;

  private static final int DEPTH = 100;
  private static final int NUMBER_LENGTH = 100;
  private static final int NAME_LENGTH = 1000;
  private static final JsonMapper ANSWERS = builder().build();
  private static final JsonMapper VIEWS =
      builder()
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
          .build();

  private JsonLimits() {}

  /** Reads answers: at most a million tokens, and as many characters in a string. */
  public static JsonMapper mapper() {
    return ANSWERS;
  }

  /** Writes what we tell: instants as text, nothing that is absent. */
  public static JsonMapper views() {
    return VIEWS;
  }

  /** Makes a mapper with the bounds of answers. */
  public static JsonMapper.Builder builder() {
    return builder(TOKENS, STRING_LENGTH);
  }

  /**
   * Makes a mapper for resources, in which a string may be an attachment.
   *
   * @param tokens most brackets, names and values in a document
   */
  public static JsonMapper.Builder resources(long tokens) {
    return builder(tokens, STRING_OF_RESOURCE);
  }

  /**
   * Makes a mapper for what was written here, of resources and answers that had been read within
   * their bounds: together they may be more than each.
   */
  public static JsonMapper.Builder kept() {
    return builder(Long.MAX_VALUE, STRING_OF_RESOURCE, 2 * DEPTH);
  }

  /**
   * Makes a mapper that refuses more with a {@link StreamConstraintsException}.
   *
   * @param tokens most brackets, names and values in a document
   * @param stringLength most characters in a string
   */
  public static JsonMapper.Builder builder(long tokens, int stringLength) {
    return builder(tokens, stringLength, DEPTH);
  }

  private static JsonMapper.Builder builder(long tokens, int stringLength, int depth) {
    return JsonMapper.builder(
        JsonFactory.builder()
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(depth)
                    .maxTokenCount(tokens)
                    .maxNumberLength(NUMBER_LENGTH)
                    .maxNameLength(NAME_LENGTH)
                    .maxStringLength(stringLength)
                    .build())
            .build());
  }

  /**
   * Counts the tokens of an answer without making objects of them, so that other parsers need no
   * bounds of their own.
   *
   * @return how many there are, up to where it is not JSON any more
   * @throws StreamConstraintsException if an answer's bounds do not hold
   */
  public static long tokens(byte[] answer) throws StreamConstraintsException {
    long tokens = 0;
    try (JsonParser parser = ANSWERS.createParser(answer)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.VALUE_STRING) {
          parser.streamReadConstraints().validateStringLength(parser.getTextLength());
        }
        tokens++;
      }
    } catch (StreamConstraintsException tooMuch) {
      throw tooMuch;
    } catch (JsonProcessingException noJson) {
      return tokens;
    } catch (IOException impossible) {
      throw new IllegalStateException("an array can be read", impossible);
    }
    return tokens;
  }
}
