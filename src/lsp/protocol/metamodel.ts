/**
 * The Language Server Protocol as data: every message and every type of version 3.18 and those before it.
 *
 * `metamodel.json` is the published metamodel without its prose, made by `scripts/lsp/compact_metamodel.ts`. (Metamodel:
 * copyright Microsoft Corporation, MIT licence.)
 *
 * @module
 */
import data from "./metamodel.json" with { type: "json" };

/**
 * A name of a base type, structure or alias; or a list that begins with what it is. In the properties of a structure a
 * name that ends with `?` is one that may be absent.
 */
export type Type =
  | string
  | ["array", Type]
  | ["map", Type, Type]
  | ["or" | "and" | "tuple", ...Type[]]
  | ["literal", Readonly<Record<string, Type>>]
  | ["constant", string];

export interface Structure {
  /** Structures whose properties this one has as well. */
  readonly parents?: readonly string[];
  readonly properties: Readonly<Record<string, Type>>;
}

/** What a request or a notification carries. */
export interface MessageTypes {
  readonly params?: Type;
  readonly result?: Type;
  /** The value of its `$/progress` notifications. */
  readonly partial?: Type;
  /** The options of its dynamic registration. */
  readonly registration?: Type;
}

export interface Metamodel {
  readonly version: string;
  readonly requests: Readonly<Record<string, MessageTypes>>;
  readonly notifications: Readonly<Record<string, MessageTypes>>;
  /** Options of registrations that have a name of their own. */
  readonly registrations: Readonly<Record<string, Type>>;
  readonly structures: Readonly<Record<string, Structure>>;
  readonly aliases: Readonly<Record<string, Type>>;
}

export const METAMODEL = data as unknown as Metamodel;
