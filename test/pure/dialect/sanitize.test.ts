import assert from "node:assert/strict";
import { test } from "node:test";
import { mysql } from "../../../src/dialect/mysql.ts";
import { postgresql } from "../../../src/dialect/postgresql.ts";
import { sanitized } from "../../../src/dialect/sanitize.ts";
import { sqlite } from "../../../src/dialect/sqlite.ts";

const CASES = [
  [postgresql, "select * from t1 where a = 'it''s' and b = 12.5e3", "select * from t1 where a = ? and b = ?"],
  [postgresql, "select E'a\\'b', X'ff', N'x', $tag$ secret $tag$, $$x$$", "select ?, ?, ?, ?, ?"],
  [
    postgresql,
    'select "My 1 Col", c2 from "t 3" -- secret\n/* 42 */ limit 7',
    'select "My 1 Col", c2 from "t 3" limit ?',
  ],
  [postgresql, "select $1::int, true, FALSE, null, 0xFF, .5, 1_000", "select $1::int, ?, ?, null, ?, ?, ?"],
  [postgresql, "select a where b in (1, 2,\n 'x') and c in (4)", "select a where b in (?) and c in (?)"],
  [postgresql, "select interval '1 day', a[3], date '2020-01-01'", "select interval ?, a[?], date ?"],
  [mysql, "select \"secret\", `col 1` from t where a = 'x\\'y' # 99", "select ?, `col 1` from t where a = ?"],
  [mysql, "insert into t values (1, 'a'), (2, 'b')", "insert into t values (?, ?), (?, ?)"],
  [
    sqlite,
    "select \"col\", [my col 5], ?1, :name, x'00' from t",
    'select "col", [my col 5], ?1, :name, ? from t',
  ],
  [postgresql, "select 'never closed", "select ?"],
] as const;

for (const [dialect, text, clean] of CASES) {
  test(`${dialect.title}: ${text.slice(0, 50).replaceAll("\n", " ")} loses its values`, () => {
    assert.equal(sanitized(text, dialect), clean);
  });
}
