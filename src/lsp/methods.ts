/**
 * What is known of a method by its name.
 *
 * @module
 */
import { type MessageTypes, METAMODEL, type Type } from "./protocol/metamodel.ts";

/** What a person notices at once. */
export const ASKS_ATTENTION: ReadonlySet<string> = new Set([
  "window/showMessage",
  "window/showMessageRequest",
  "window/showDocument",
  "workspace/applyEdit",
]);

export function typesOf(method: string): MessageTypes | undefined {
  const { requests, notifications } = METAMODEL;
  return Object.hasOwn(requests, method)
    ? requests[method]
    : Object.hasOwn(notifications, method)
    ? notifications[method]
    : undefined;
}

/** Methods after which an editor opens what was found, often at once. */
export function opensFiles(method: string): boolean {
  return /^(?:textDocument\/(?:definition|declaration|typeDefinition|implementation|references|prepareCallHierarchy|prepareTypeHierarchy)|callHierarchy\/.*|typeHierarchy\/.*|workspaceSymbol\/resolve|documentLink\/resolve|window\/showDocument|workspace\/executeCommand)$/
    .test(method) || typesOf(method) === undefined;
}

export function isAboutDocument(method: string): boolean {
  return method.startsWith("textDocument/") || method.startsWith("notebookDocument/");
}

export function allowsNull(type: Type | undefined): boolean {
  return type === "null" || (Array.isArray(type) && type[0] === "or" && type.includes("null"));
}
