import { readFileSync } from "node:fs";
import { join } from "node:path";
import { project } from "./project.ts";

interface Manifest {
  readonly exports: Readonly<Record<string, unknown>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const manifest: Manifest = JSON.parse(
  readFileSync(join(import.meta.dirname, "..", "..", "package.json"), "utf8"),
);

/** Every entry point, as a program names it: `apocryphan/pool`. */
export const ENTRIES: readonly string[] = Object.keys(manifest.exports)
  .filter((path) => path !== "./package.json")
  .map((path) => path.replace(".", "apocryphan"));

/** What some entry point is made for, or connects by. */
export const HOSTS: readonly string[] = Object.keys(manifest.peerDependencies);

/** The entry points that are of no use without their host, so that they load it when they are loaded. */
export const LOADED_AT_ONCE: Readonly<Record<string, string>> = {
  "apocryphan/kysely": "kysely",
  "apocryphan/drizzle": "drizzle-orm",
  "apocryphan/opentelemetry": "@opentelemetry/api",
  "apocryphan/prometheus": "prom-client",
};

/** A project with the package, and every host in the version that this one is developed with; their types where they have none of their own. */
export function projectWithHosts(...more: readonly string[]): Promise<string> {
  const types = ["@types/express", "@types/koa", "@types/pg"];
  const versions = [...HOSTS, ...types].map((name) => `${name}@${manifest.devDependencies[name]}`);
  return project(...versions, ...more);
}
