import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { after, test } from "node:test";
import { type FreshDatabase, freshDatabase, type Kind } from "../support/database.ts";
import { type Block, PAGES, type Page, ROOT } from "./pages.ts";
import { emptyProject, type Project } from "./project.ts";

const drops: (() => Promise<void>)[] = [];
after(async () => {
  for (const drop of drops) await drop();
});
/** Kept until this file's tests are over; by itself it would be dropped with the test that asks for it. */
const fresh = (kind: Kind): Promise<FreshDatabase> =>
  freshDatabase(kind, { after: (drop) => void drops.push(drop) });

for (const page of PAGES) {
  if (!page.blocks.some(isTried)) continue;
  const project = emptyProject();
  after(() => project.remove());
  let shared: Promise<FreshDatabase> | undefined;
  // A page without a setup goes on from example to example; with one, each begins with an empty database.
  const databaseOf = (kind: Kind): Promise<FreshDatabase> => {
    if (page.setup !== "" || kind !== page.on) return fresh(kind);
    shared ??= fresh(kind);
    return shared;
  };
  for (const block of page.blocks.filter(isTried)) {
    const where = `${page.path}:${block.line}`;
    const file = block.marks.get("file");
    if (file !== undefined) {
      test(`${where} is the file ${file}`, () => project.write(file, block.text));
    } else if (block.language === "console") {
      test(`${where} prints what it says`, async () => {
        await runCommands(block, project, await databaseOf(page.on as Kind));
      });
    } else {
      for (const kind of (block.marks.get("on") ?? page.on).split(",") as Kind[]) {
        test(`${where} runs on ${kind}`, async () => {
          await runProgram(page, block, project, await databaseOf(kind));
        });
      }
    }
  }
}

test("every program on the pages has sound types", () => {
  const project = emptyProject();
  after(() => project.remove());
  PAGES.forEach((page, number) => {
    for (const block of page.blocks.filter(({ language }) => language === "ts")) {
      const file = block.marks.get("file") ?? `example-${block.line}.ts`;
      project.write(`page-${number}/${file}`, programOf(page, block));
    }
  });
  const options = { extends: join(ROOT, "tsconfig.json"), include: ["page-*/**/*.ts"], files: [] };
  project.write("tsconfig.json", JSON.stringify(options));
  const { stdout, status } = spawnSync(join(ROOT, "node_modules/.bin/tsc"), ["-p", "."], {
    cwd: project.folder,
    encoding: "utf8",
  });
  assert.ok(status !== null, "the compiler ran");
  // What is wrong in the source itself is not the pages' to say.
  const named = Array.from(
    stdout.matchAll(/^page-(\d+)\/(.*)$/gm),
    ([, number, text]) => `${PAGES[Number(number)]?.path} ${text}`,
  );
  assert.deepEqual(named, []);
});

function isTried({ language, marks }: Block): boolean {
  const [major] = process.versions.node.split(".");
  if (Number(marks.get("node") ?? 0) > Number(major)) return false;
  return language === "ts" || language === "console" || marks.has("file");
}

function programOf(page: Page, { marks, text }: Block): string {
  const whole = marks.has("alone") || marks.has("file") ? text : `${page.setup}\n${text}`;
  // Without an import or export it would be a script, which can't await.
  return `${whole}\nexport {};\n`;
}

async function runProgram(page: Page, block: Block, project: Project, database: FreshDatabase) {
  const file = `example-${block.line}.ts`;
  project.write(file, programOf(page, block));
  const stop = block.marks.get("stop");
  const command = stop === undefined ? `node ${file}` : stopped(`node ${file}`, stop);
  const { code, out, all } = await project.run(command, database);
  assert.equal(code, 0, all);
  const promised = Array.from(block.text.matchAll(/\/\/ prints (.*)$/gm), ([, line]) => line);
  assert.deepEqual(out.trimEnd() === "" ? [] : out.trimEnd().split("\n"), promised, all);
}

/** A command that is sent a signal as soon as it has printed something, and has to end by that. */
function stopped(command: string, signal: string): string {
  const wait = "until [ -s said ] || ! kill -0 $child; do sleep 0.02; done";
  const name = signal.replace(/^SIG/, "");
  return `PORT=0 ${command} > said & child=$!; ${wait}; kill -${name} $child; wait $child; code=$?; cat said; exit $code`;
}

/** Runs the commands of a console block, and holds what each prints against what stands below it. */
async function runCommands(block: Block, project: Project, database: FreshDatabase): Promise<void> {
  for (const part of block.text.split(/^\$ /m).slice(1)) {
    const [command = "", ...expected] = part.split("\n");
    // `npx` finds the same program, a second later. One pipe for both streams keeps them in order.
    const { all } = await project.run(`{ ${command.replace(/^npx /, "")}\n} 2>&1`, database);
    assert.equal(plain(all), plain(expected.join("\n")), `$ ${command}\n${all}`);
  }
}

/** Without what differs each time: times, the space that a table gives them, and spaces at the ends of lines. */
function plain(text: string): string {
  return text
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, "DATE")
    .replaceAll(/\b\d+(\.\d+)? (ms|s)\b/g, "TIME")
    .replaceAll(/\b1[6-9]\d{8}-/g, "NUMBER-")
    .replaceAll(/\/\S*\/apocryphan-docs-\w+/g, "/home/me/app")
    .replaceAll("/home/me/app/", "")
    .replaceAll(/[ \t]+$/gm, "")
    .trim();
}
