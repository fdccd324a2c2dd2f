/**
 * Where in a message paths stand: the metamodel, reduced to what leads to one.
 *
 * @module
 */
import { METAMODEL, type Type } from "./metamodel.ts";

/**
 * What a text is:
 * `uri`, a URI of any scheme; `document`, the URI of the document that a message is about; `path`, a path of the file
 * system; `glob`, a pattern that may begin with a path; `markup`, Markdown that may link to files.
 */
export type TextKind = "uri" | "document" | "path" | "glob" | "markup";

/** What has to be done with a value; what is absent of a shape holds no path. */
export interface Shape {
  readonly text?: TextKind;
  readonly items?: ShapeOf;
  /** The items of a list of fixed length. */
  readonly tuple?: readonly (ShapeOf | undefined)[];
  readonly properties?: ReadonlyMap<string, ShapeOf>;
  /** An object as a map: what its keys are, and its values. */
  readonly keys?: TextKind;
  readonly values?: ShapeOf;
  /** `any`: whole texts anywhere below, if they are paths or URIs; `uris`: if they are URIs. */
  readonly loose?: "any" | "uris";
  /** An object that is more than its parts. */
  readonly special?: Special;
}

/**
 * `edit`: what it names is going to be changed; `markup`: its kind says whether it is Markdown; `registration` and
 * `progress`: what it holds depends on another part; `processId`: is replaced by null.
 */
export type Special = "edit" | "markup" | "registration" | "progress" | "processId";

/** Made when it is first needed: types refer to each other in circles. */
export type ShapeOf = () => Shape;

/**
 * What the metamodel calls a string (or anything) though its documentation says more; named by structure and property.
 * The specification's words for each: `FileCreate.uri` "A file:// URI for the location of the file/folder being
 * created", and so on; `glob` "The glob pattern to match"; `arguments` are handed by one side to the other's commands;
 * settings are what a person wrote for the server.
 */
const BY_PROPERTY: Readonly<Record<string, Shape>> = {
  "FileCreate.uri": { text: "uri" },
  "FileDelete.uri": { text: "uri" },
  "FileRename.oldUri": { text: "uri" },
  "FileRename.newUri": { text: "uri" },
  "TextDocumentIdentifier.uri": { text: "document" },
  "TextDocumentItem.uri": { text: "document" },
  "_InitializeParams.rootPath": { text: "path" },
  "_InitializeParams.initializationOptions": { loose: "any" },
  "_InitializeParams.processId": { special: "processId" },
  "DidChangeConfigurationParams.settings": { loose: "any" },
  "FileOperationPattern.glob": { text: "glob" },
  "Command.arguments": { loose: "uris" },
  "ExecuteCommandParams.arguments": { loose: "uris" },
};
const BY_STRUCTURE: Readonly<Record<string, Special>> = {
  WorkspaceEdit: "edit",
  MarkupContent: "markup",
  Registration: "registration",
  ProgressParams: "progress",
};
const BY_NAME: Readonly<Record<string, TextKind>> = { URI: "uri", DocumentUri: "uri", Pattern: "glob" };

/** The shape of a message's part, or undefined if no path can stand in it. */
export function shapeOf(type: Type | undefined): ShapeOf | undefined {
  if (type === undefined || !leadsToPath(type)) return undefined;
  return shapeOfAll([type]);
}

/** Shapes by the types they were made of. */
const made = new Map<string, ShapeOf>();

function shapeOfAll(types: readonly Type[]): ShapeOf {
  const key = [...new Set(types.map((type) => JSON.stringify(type)))].sort().join();
  let shape = made.get(key);
  if (shape === undefined) {
    let built: Shape | undefined;
    shape = () => built ??= build(types);
    made.set(key, shape);
  }
  return shape;
}

/** One shape for a value that may be of any of the types: which one it is shows only in the value. */
function build(types: readonly Type[]): Shape {
  const parts = new Parts();
  for (const type of types) parts.add(type);
  return parts.shape();
}

class Parts {
  #text: TextKind | undefined;
  #special: Special | undefined;
  readonly #items: Type[] = [];
  #tuple: readonly Type[] | undefined;
  #keys: TextKind | undefined;
  readonly #values: Type[] = [];
  readonly #properties = new Map<string, { types: Type[]; known?: Shape }>();

  add(type: Type): void {
    if (typeof type === "string") this.#addName(type);
    else if (type[0] === "or" || type[0] === "and") { for (const part of type.slice(1)) this.add(part as Type); }
    else if (type[0] === "array") this.#items.push(type[1]);
    else if (type[0] === "tuple") this.#tuple = type.slice(1) as Type[];
    else if (type[0] === "map") {
      this.#keys = BY_NAME[type[1] as string];
      this.#values.push(type[2]);
    } else if (type[0] === "literal") this.#addProperties("", type[1]);
  }

  #addName(name: string): void {
    const text = BY_NAME[name];
    const structure = METAMODEL.structures[name];
    const alias = METAMODEL.aliases[name];
    if (text !== undefined) this.#text = text;
    else if (structure !== undefined) {
      this.#special ??= BY_STRUCTURE[name];
      for (const parent of structure.parents ?? []) this.#addName(parent);
      this.#addProperties(name, structure.properties);
    } else if (name === "MarkedString") {
      this.#text = "markup"; // or a piece of code, which is an object
    } else if (alias !== undefined && name !== "LSPAny") this.add(alias);
  }

  #addProperties(owner: string, properties: Readonly<Record<string, Type>>): void {
    for (const [key, type] of Object.entries(properties)) {
      const name = key.replace(/\?$/, "");
      const known = BY_PROPERTY[`${owner}.${name}`];
      const entry = this.#properties.get(name) ?? { types: [] };
      this.#properties.set(
        name,
        known === undefined ? { ...entry, types: [...entry.types, type] } : { ...entry, known },
      );
    }
  }

  shape(): Shape {
    const properties = new Map<string, ShapeOf>();
    for (const [name, { types, known }] of this.#properties) {
      const useful = types.filter(leadsToPath);
      if (known !== undefined) properties.set(name, () => known);
      else if (useful.length > 0) properties.set(name, shapeOfAll(useful));
    }
    const items = this.#items.filter(leadsToPath);
    const values = this.#values.filter(leadsToPath);
    return {
      ...(this.#text && { text: this.#text }),
      ...(this.#special && { special: this.#special }),
      ...(items.length > 0 && { items: shapeOfAll(items) }),
      ...(this.#tuple && { tuple: this.#tuple.map((type) => shapeOf(type)) }),
      ...(this.#keys && { keys: this.#keys }),
      ...(values.length > 0 && { values: shapeOfAll(values) }),
      ...(properties.size > 0 && { properties }),
    };
  }
}

/** Names of structures and aliases from which a path can be reached. */
let leading: ReadonlySet<string> | undefined;

function leadsToPath(type: Type): boolean {
  leading ??= findLeading();
  return reaches(type, leading);
}

/** Spreads from the names that are paths themselves until nothing is added. */
function findLeading(): ReadonlySet<string> {
  const found = new Set([...Object.keys(BY_NAME), ...Object.keys(BY_STRUCTURE), "MarkedString"]);
  for (const key of Object.keys(BY_PROPERTY)) found.add(key.split(".")[0]!);
  for (let before = 0; before !== found.size;) {
    before = found.size;
    for (const [name, { parents = [], properties }] of Object.entries(METAMODEL.structures)) {
      if (parents.some((it) => found.has(it)) || Object.values(properties).some((it) => reaches(it, found))) {
        found.add(name);
      }
    }
    for (const [name, type] of Object.entries(METAMODEL.aliases)) if (reaches(type, found)) found.add(name);
  }
  return found;
}

function reaches(type: Type, names: ReadonlySet<string>): boolean {
  if (typeof type === "string") return names.has(type);
  if (type[0] === "literal") return Object.values(type[1]).some((part) => reaches(part, names));
  if (type[0] === "constant") return false;
  return (type.slice(1) as Type[]).some((part) => reaches(part, names));
}
