/**
 * Goes through what one message carries, by the type that its method gives it.
 *
 * @module
 */
import { OPEN_OBJECT } from "./json/bytes.ts";
import type { Envelope } from "./envelope.ts";
import { typesOf } from "./methods.ts";
import { shapeOf } from "./protocol/shapes.ts";
import { type PathSink, walk, walkUnknown } from "./walk.ts";

/** The message with its paths replaced, in parts that follow each other; its own bytes if it has none. */
export function rewritten(
  message: Envelope,
  method: string,
  as: "question" | "answer",
  sink: PathSink,
): readonly Uint8Array[] {
  const types = typesOf(method);
  // What a command gives back is as much the server's own as a method of its own.
  const isUnknown = types === undefined || (method === "workspace/executeCommand" && as === "answer");
  const isSettings = method === "workspace/configuration" && as === "answer";
  message.take(as === "question" ? "params" : "result", () => {
    if (isUnknown) return walkUnknown(message, sink);
    if (isSettings) return walk(message, { loose: "any" }, sink);
    const shape = shapeOf(as === "question" ? types.params : types.result);
    if (shape === undefined) message.skip();
    else walk(message, shape(), sink);
  });
  return message.result();
}

/** The `partialResultToken` of a request that was read: as text, so that 1 and "1" stay apart. */
export function partialToken(message: Envelope): string | undefined {
  let token: unknown;
  message.take("params", () => {
    if (message.peek() !== OPEN_OBJECT) return;
    message.object((key) => {
      const isToken = message.keyOf(key) === "partialResultToken";
      message.peek();
      const start = message.at;
      message.skip();
      if (isToken) token = message.parse(start, message.at);
    });
  });
  return token === undefined ? undefined : JSON.stringify(token);
}

/** The parameters of a message that was read, parsed. For small ones. */
export function parsedParams(message: Envelope): unknown {
  let params: unknown;
  message.take("params", () => {
    const start = message.at;
    message.skip();
    params = message.parse(start, message.at);
  });
  return params ?? {};
}
