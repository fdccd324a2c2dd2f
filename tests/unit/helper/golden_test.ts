/** The golden messages that the helper's own tests read as well: tests/fixtures/protocol/README.md. */
import { deepStrictEqual as same, ok } from "node:assert/strict";
import type { z } from "zod";
import { parseHeader } from "../../../src/engine/data_socket.ts";
import { egressHeader } from "../../../src/network/header.ts";
import { ErrorData, NOTIFICATIONS, REQUESTS } from "../../../src/helper/protocol.ts";

interface Golden {
  name: string;
  direction: "cli-to-helper" | "helper-to-cli";
  message: Record<string, unknown> & {
    method?: string;
    params?: unknown;
    result?: unknown;
    error?: { data?: unknown };
  };
  method?: string;
  field?: string;
}

const directory = new URL("../../fixtures/protocol/", import.meta.url);

function golden(file: string): Golden[] {
  return JSON.parse(Deno.readTextFileSync(new URL(file, directory)));
}

function schemaOf(entry: Golden): { schema: z.ZodType | undefined; value: unknown } {
  const { message } = entry;
  if (entry.method) {
    const schema: z.ZodType = REQUESTS[entry.method as keyof typeof REQUESTS].result;
    return { schema, value: message.result };
  }
  const requests = REQUESTS as unknown as Record<string, { params: z.ZodType }>;
  const notifications = NOTIFICATIONS as unknown as Record<string, z.ZodType>;
  const schema = requests[message.method!]?.params ?? notifications[message.method!];
  return { schema, value: message.params };
}

for (const file of [...Deno.readDirSync(directory)].map((entry) => entry.name).sort()) {
  if (!file.endsWith(".json") || file === "invalid.json" || file === "data-socket.json") continue;
  for (const entry of golden(file)) {
    Deno.test(`golden message, ${file}: ${entry.name}`, () => {
      if (entry.message.error !== undefined) {
        const data = entry.message.error.data;
        if (data !== undefined) ok(ErrorData.safeParse(data).success);
        return;
      }
      const { schema, value } = schemaOf(entry);
      ok(schema, "no schema for this message");
      same(schema.parse(value), value); // nothing is lost and nothing is added
    });
  }
}

Deno.test("golden headers of the data socket are understood", () => {
  for (const entry of golden("data-socket.json")) {
    same(parseHeader(JSON.stringify(entry.message)), entry.message);
    if (entry.message.stream === "egress") same(egressHeader(entry.message), entry.message);
  }
});

for (const entry of golden("invalid.json")) {
  Deno.test(`golden message, invalid.json: ${entry.name} is refused here as well`, () => {
    const { schema, value } = schemaOf(entry);
    ok(schema && !schema.safeParse(value).success);
  });
}
