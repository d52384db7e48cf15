import assert from "node:assert/strict";
import { after, test } from "node:test";
import { freshDatabase, type Kind } from "../../support/database.ts";
import { corpus } from "./corpus.ts";
import { Scissors } from "./cut.ts";
import { dump, empty } from "./dump.ts";
import { log, project, riderOn } from "./project.ts";

/** Three rounds are thirty migrations (`npm run soak -- rider`): minutes. One has every kind. */
const ROUNDS = Number(process.env.APOCRYPHAN_SOAK_CORPUS ?? 1);

const scissors = new Scissors();
after(() => scissors.restore());

for (const kind of ["sqlite", "postgresql", "mysql"] as const satisfies Kind[]) {
  test(`killed after any statement of ${ROUNDS * 10} migrations, the next run ends with the same schema and data (${kind})`, async () => {
    const database = await freshDatabase(kind);
    const files = corpus(database.dialect, ROUNDS);
    const here = project(files);
    const ids = Object.keys(files).map((name) => name.replace(/\.(?:ts|sql)$/, ""));

    scissors.arm(Number.POSITIVE_INFINITY);
    const { applied } = await riderOn(database, here).migrate();
    assert.deepEqual(applied, ids);
    const whole = await dump(database);
    const all = scissors.sent;
    const entries = await log(database);
    assert.deepEqual(entries.sort(), ids.map((id) => `apply ${id}`).sort());

    let cuts = 0;
    for (let nth = 1; nth <= all; nth++) {
      await empty(database);
      scissors.arm(nth);
      await riderOn(database, here)
        .migrate()
        .catch((error: unknown) => {
          if (!scissors.isCut) throw error;
        });
      if (!scissors.isCut) break;
      cuts++;
      const at = `after statement ${nth} of ${all}: ${scissors.last.slice(0, 200)}`;
      scissors.arm(Number.POSITIVE_INFINITY);
      await riderOn(database, here)
        .migrate()
        .catch((error: unknown) => {
          throw new Error(`the run after the kill failed; killed ${at}`, { cause: error });
        });
      assert.deepEqual(await dump(database), whole, `killed ${at}`);
      const said = (await log(database)).filter((entry) => entry.startsWith("apply ")).sort();
      assert.deepEqual(said, entries, `killed ${at}`);
      assert.deepEqual(
        (await log(database)).filter((entry) => entry.startsWith("statement ")),
        [],
        `killed ${at}`,
      );
    }
    assert.ok(cuts > 30, `killed ${cuts} times`);
  });
}
