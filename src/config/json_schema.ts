/**
 * The schema of `silo.toml` as a JSON Schema, which editors understand (Taplo, Even Better TOML).
 *
 * @module
 */
import { z } from "zod";
import { ConfigSchema, UserConfigSchema } from "./schema.ts";

/** Of a project's file, or of the person's own. */
export function jsonSchema(kind: "user" | "project"): Record<string, unknown> {
  const schema = z.toJSONSchema(kind === "user" ? UserConfigSchema : ConfigSchema, { io: "input" });
  const title = kind === "user" ? "silo.toml in the silo home" : "silo.toml";
  return { ...schema, title, description: "Settings of silo; see docs/configuration.md." };
}
