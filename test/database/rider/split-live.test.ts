import assert from "node:assert/strict";
import { test } from "node:test";
import { splitStatements } from "../../../src/rider/read/statements.ts";
import { corpus } from "../../pure/rider/corpus.ts";
import { freshDatabase, type Kind } from "../../support/database.ts";
import { plain } from "../../support/open.ts";

/**
 * What the server says of something it could not read: two statements in one, half of one, or none. What it says of a table that is not
 * there comes after that, and does not matter here.
 */
const UNREADABLE: Readonly<
  Record<string, (error: { errno?: number; sqlState?: string; message: string }) => boolean>
> = {
  mysql: ({ errno }) => errno === 1064 || errno === 1065,
  postgresql: ({ sqlState }) => sqlState === "42601",
  sqlite: ({ message }) => /syntax error|incomplete input|several statements/.test(message),
};

/** Cases that are about cutting alone: a placeholder without a value, a body or an escape that means nothing, a bracket too many. */
const NO_SQL = new Set([
  "placeholders and percent signs stay",
  "postgresql: quotes of all kinds",
  "postgresql: dollar quotes",
  "postgresql: dollar quotes in dollar quotes",
  "postgresql: more closing brackets than opening",
]);

for (const kind of ["mysql", "postgresql", "sqlite"] as const satisfies Kind[]) {
  test(`the server can read every statement that the corpus is split into (${kind})`, async () => {
    const database = await freshDatabase(kind);
    const { dialect } = database;
    const unread: string[] = [];
    let sent = 0;
    for (const { name, text, refused } of corpus(dialect)) {
      if (refused !== undefined || NO_SQL.has(name) || NO_SQL.has(`${dialect}: ${name}`)) continue;
      const db = plain(database);
      await db.withConnection(async (connection) => {
        for (const statement of splitStatements(text, dialect)) {
          sent++;
          await connection.sql(statement.text).catch((error: Error) => {
            if (UNREADABLE[dialect]?.(error)) unread.push(`${name}: ${statement.text}\n  ${error.message}`);
          });
        }
      });
    }
    assert.deepEqual(unread, []);
    assert.ok(sent > 30, `${sent} statements were sent`);
  });
}
