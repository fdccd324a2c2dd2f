/**
 * Makes `src/lsp/protocol/metamodel.json` out of the protocol's published metamodel:
 *
 *   build/deno run -A scripts/lsp/compact_metamodel.ts metaModel.json > src/lsp/protocol/metamodel.json
 *
 * The metamodel is `protocol/metaModel.json` of https://github.com/microsoft/vscode-languageserver-node (the npm package
 * ships only its schema). What is dropped: prose, and values of enumerations. `tests/unit/lsp/metamodel_test.ts` compares
 * the result with the types of the npm package.
 *
 * @module
 */
import type { Metamodel, Structure, Type } from "../../src/lsp/protocol/metamodel.ts";

interface Published {
  metaData: { version: string };
  requests: PublishedMessage[];
  notifications: PublishedMessage[];
  structures: PublishedStructure[];
  enumerations: { name: string; type: PublishedType }[];
  typeAliases: { name: string; type: PublishedType }[];
}
interface PublishedMessage {
  method: string;
  params?: PublishedType;
  result?: PublishedType;
  partialResult?: PublishedType;
  registrationMethod?: string;
  registrationOptions?: PublishedType;
}
interface PublishedStructure {
  name: string;
  extends?: PublishedType[];
  mixins?: PublishedType[];
  properties: { name: string; type: PublishedType; optional?: boolean }[];
}
// deno-lint-ignore no-explicit-any
type PublishedType = any;

/** The compact form of the published metamodel. */
export function compactMetamodel(published: Published): Metamodel {
  const sorted = <T, V>(items: T[], entry: (item: T) => [string, V]) =>
    Object.fromEntries(items.map(entry).sort(([a], [b]) => a < b ? -1 : 1));
  const message = ({ method, params, result, partialResult, registrationOptions }: PublishedMessage) =>
    [method, {
      ...(params && { params: compactType(params) }),
      ...(result && { result: compactType(result) }),
      ...(partialResult && { partial: compactType(partialResult) }),
      ...(registrationOptions && { registration: compactType(registrationOptions) }),
    }] as [string, Record<string, Type>];
  const registeredAs = [...published.requests, ...published.notifications]
    .filter((it) => it.registrationMethod !== undefined && it.registrationOptions)
    .map((it) => [it.registrationMethod!, compactType(it.registrationOptions)] as [string, Type]);
  return {
    version: published.metaData.version,
    requests: sorted(published.requests, message),
    notifications: sorted(published.notifications, message),
    registrations: Object.fromEntries(registeredAs.sort(([a], [b]) => a < b ? -1 : 1)),
    structures: sorted(published.structures, (it) => [it.name, compactStructure(it)]),
    // An enumeration is whatever its values are.
    aliases: sorted(
      [...published.typeAliases, ...published.enumerations],
      (it) => [it.name, compactType(it.type)],
    ),
  };
}

function compactStructure(structure: PublishedStructure): Structure {
  const parents = [...structure.extends ?? [], ...structure.mixins ?? []].map((type) => type.name as string);
  return { ...(parents.length > 0 && { parents }), properties: properties(structure.properties) };
}

function properties(of: PublishedStructure["properties"]): Record<string, Type> {
  return Object.fromEntries(of.map(({ name, type, optional }) => [optional ? `${name}?` : name, compactType(type)]));
}

function compactType(type: PublishedType): Type {
  switch (type.kind) {
    case "base":
    case "reference":
      return type.name;
    case "array":
      return ["array", compactType(type.element)];
    case "map":
      return ["map", compactType(type.key), compactType(type.value)];
    case "or":
    case "and":
    case "tuple":
      return [type.kind, ...type.items.map(compactType)] as Type;
    case "literal":
      return ["literal", properties(type.value.properties)];
    case "stringLiteral":
      return ["constant", type.value];
    default:
      throw new Error(`Cannot compact a type of kind ${type.kind}: it is not known`);
  }
}

/** One line an entry, so that a new version of the protocol shows as what it adds. */
export function formatMetamodel({ version, ...tables }: Metamodel): string {
  const lines = Object.entries(tables).map(([name, table]) => {
    const entries = Object.entries(table).map(([key, value]) => `    ${JSON.stringify(key)}: ${JSON.stringify(value)}`);
    return `  ${JSON.stringify(name)}: {\n${entries.join(",\n")}\n  }`;
  });
  return `{\n  "version": ${JSON.stringify(version)},\n${lines.join(",\n")}\n}\n`;
}

if (import.meta.main) {
  const published = JSON.parse(Deno.readTextFileSync(Deno.args[0]!));
  Deno.stdout.writeSync(new TextEncoder().encode(formatMetamodel(compactMetamodel(published))));
}
