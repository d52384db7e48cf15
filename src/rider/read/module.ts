import { nearest } from "../../base/nearest.ts";
import { UnreadableError } from "../model/errors.ts";
import type { Migration, Outline, Place, Step } from "../model/migration.ts";
import { checkStep, shown } from "../model/step.ts";
import { checksum } from "./checksum.ts";
import { readDescription } from "./description.ts";
import type { FileName } from "./file-name.ts";
import { positionAt } from "./position.ts";

const EXPORTS = ["steps", "depends", "transactional"];

/** A TypeScript or JavaScript migration's file, read and not run. */
export interface ModuleFile {
  readonly name: FileName;
  readonly file: string;
  readonly text: string;
}

/** What is known of a module migration without running it, once its dependencies are known from elsewhere. */
export function moduleOutline({ name, file, text }: ModuleFile, depends: readonly string[]): Outline {
  return {
    id: name.id,
    number: name.number,
    file,
    form: "module",
    description: readDescription(text),
    depends,
    checksum: checksum(text),
  };
}

/**
 * The migration that a module's exports make: `steps`, `depends`, `transactional`. An empty file does nothing.
 *
 * @param namespace what importing the file gave
 * @throws UnreadableError where an export does not fit, or its name is nearly one of the three
 */
export function moduleMigration(source: ModuleFile, namespace: unknown): Migration {
  const exported = exportsOf(namespace);
  checkNames(exported, source.text);
  const depends = checkDepends(exported.depends);
  const transactional = exported.transactional ?? true;
  if (typeof transactional !== "boolean") {
    throw new UnreadableError(`It exports transactional = ${shown(transactional)}, which is true or false.`);
  }
  return {
    ...moduleOutline(source, depends),
    transactional: { migrate: transactional, rollback: transactional },
    steps: checkSteps(exported.steps, source),
  };
}

/** The exports by name; what CommonJS interop put under `default` counts where nothing else is there. */
function exportsOf(namespace: unknown): Record<string, unknown> {
  const own = toRecord(namespace);
  if (EXPORTS.some((name) => name in own)) return own;
  const inner = toRecord(own.default);
  return EXPORTS.some((name) => name in inner) ? inner : own;
}

function toRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

/** Refuses names that are nearly right: what they hold would be passed over in silence. */
function checkNames(exported: Record<string, unknown>, text: string): void {
  for (const name of Object.keys(exported)) {
    if (EXPORTS.includes(name)) continue;
    const near = nearest(name, EXPORTS);
    if (near === undefined || near in exported) continue;
    throw new UnreadableError(`It exports "${name}", which Rider does not know. Did you mean "${near}"?`);
  }
  if (exported.steps === undefined && !isBlank(text)) {
    throw new UnreadableError(
      "It exports no steps. Write `export const steps = [step(…)];`, or leave the file empty for a migration that does nothing.",
    );
  }
}

function isBlank(text: string): boolean {
  const bare = text.replaceAll(/^\uFEFF|^#!.*/g, "").replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
  return bare.replaceAll(/export\s*\{\s*\}|(["'])use strict\1|;/g, "").trim() === "";
}

function checkDepends(given: unknown): string[] {
  if (given === undefined || given === null) return [];
  const form = 'an array of ids, such as ["1602721237-add-pg-extensions"]';
  if (typeof given === "string") {
    throw new UnreadableError(
      `It exports depends = ${shown(given)}; depends is an array: [${shown(given)}].`,
    );
  }
  const list = given instanceof Set ? [...given] : given;
  if (!Array.isArray(list))
    throw new UnreadableError(`It exports depends = ${shown(given)}, which is ${form}.`);
  const ids = new Set<string>();
  for (let i = 0; i < list.length; i++) {
    const id: unknown = list[i];
    if (typeof id !== "string" || id.trim() === "") {
      throw new UnreadableError(`Its depends[${i}] is ${shown(id)}, and depends is ${form}.`);
    }
    ids.add(id);
  }
  return [...ids];
}

function checkSteps(given: unknown, source: ModuleFile): Step[] {
  if (given === undefined) return [];
  if (!Array.isArray(given)) {
    const one = typeof given === "object" && given !== null && "migrate" in given;
    throw new UnreadableError(
      `It exports steps = ${shown(given)}, which is an array.${one ? " Write `export const steps = [step(…)];`." : ""}`,
    );
  }
  // By index, so that a hole (`[step("a"), , step("b")]`) is seen.
  return Array.from({ length: given.length }, (_, i) => {
    const step = checkStep(given[i], `steps[${i}]`);
    return {
      ...step,
      place: { migrate: placeOf(step.migrate, source), rollback: placeOf(step.rollback, source) },
    };
  });
}

/** Where a step's SQL stands in its file, where it stands there once and as it is: text with escapes or values in it does not. */
function placeOf(work: unknown, { file, text }: ModuleFile): Place | undefined {
  if (typeof work !== "string" || work.trim().length < 4) return undefined;
  const at = text.indexOf(work);
  if (at === -1 || text.indexOf(work, at + 1) !== -1) return undefined;
  return { file, ...positionAt(text, at) };
}
