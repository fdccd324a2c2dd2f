/**
 * Goes through what one message carries, by the type that its method gives it.
 *
 * @module
 */
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
  const { scanner } = message;
  const at = as === "question" ? message.params : message.result;
  if (at === undefined) return [scanner.bytes];
  scanner.at = at;
  const types = typesOf(method);
  // What a command gives back is as much the server's own as a method of its own.
  const isUnknown = types === undefined || (method === "workspace/executeCommand" && as === "answer");
  if (isUnknown) walkUnknown(scanner, sink);
  else if (method === "workspace/configuration" && as === "answer") walk(scanner, { loose: "any" }, sink);
  else {
    const shape = shapeOf(as === "question" ? types.params : types.result);
    if (shape !== undefined) walk(scanner, shape(), sink);
  }
  return scanner.result();
}

/** The `partialResultToken` of a request: as text, so that 1 and "1" stay apart. */
export function partialToken(message: Envelope): string | undefined {
  const { scanner } = message;
  scanner.at = message.params!;
  let token: unknown;
  if (scanner.peek() !== 123) return undefined;
  scanner.object((key) => {
    const isToken = scanner.keyOf(key) === "partialResultToken";
    scanner.peek();
    const start = scanner.at;
    scanner.skip();
    if (isToken) token = scanner.parse(start, scanner.at);
  });
  return token === undefined ? undefined : JSON.stringify(token);
}

/** A part of a message, parsed. For small ones. */
export function parsePart({ scanner }: Envelope, start: number): unknown {
  scanner.at = start;
  scanner.skip();
  return scanner.parse(start, scanner.at) ?? {};
}
