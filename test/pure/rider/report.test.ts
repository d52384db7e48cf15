import assert from "node:assert/strict";
import { test } from "node:test";
import { planMigrate, planRollback } from "../../../src/rider/plan/plan.ts";
import type { StatusRow } from "../../../src/rider/plan/status.ts";
import { findingsText, statusData, toJson } from "../../../src/rider/report/data.ts";
import { dryRun, planData } from "../../../src/rider/report/dry-run.ts";
import { eventLine, progressLine } from "../../../src/rider/report/events.ts";
import { graphDot, graphMermaid, graphText } from "../../../src/rider/report/graph.ts";
import { migrationsTable, plainTable, rowsTable, width } from "../../../src/rider/report/table.ts";
import { length } from "../../../src/rider/report/time.ts";
import { entry, history, migration, planned, steps } from "./support.ts";

const rows: StatusRow[] = [
  {
    index: 0,
    id: "1-a",
    description: "first\nmore",
    appliedAt: new Date(0),
    state: "applied",
    depends: [],
    file: "m/1-a.ts",
  },
  {
    index: null,
    id: "1-gone",
    description: "",
    appliedAt: new Date(0),
    state: "missing",
    depends: [],
    file: null,
  },
  {
    index: 1,
    id: '2-"b',
    description: "日本",
    appliedAt: null,
    state: "pending",
    depends: ["1-a"],
    file: "m/2-b.ts",
  },
];

test("the table of migrations", () => {
  assert.equal(
    plainTable(migrationsTable(rows)),
    [
      "index  id      description  applied at",
      "-----  ------  -----------  -------------------------------------",
      "0      1-a     first        1970-01-01 00:00:00",
      "       1-gone               1970-01-01 00:00:00 (file is missing)",
      '1      2-"b    日本         pending',
    ].join("\n"),
  );
});

test("an applied row without a time is applied all the same, and colour is the caller's", () => {
  const [row] = rows;
  assert.ok(row);
  const table = migrationsTable([{ ...row, appliedAt: null }], (tone, text) => `<${tone}>${text}`);
  assert.equal(table.rows[0]?.[3], "<good>applied");
});

test("a table without rows still has its head; thousands of rows are no trouble", () => {
  assert.equal(plainTable(migrationsTable([])).split("\n").length, 2);
  const many = Array.from({ length: 20_000 }, (_, i) => ({ n: i }));
  assert.equal(plainTable(rowsTable(many)).split("\n").length, 20_002);
});

test("any value has a cell", () => {
  const values = {
    a: null,
    b: 12n,
    c: new Date(0),
    d: new Uint8Array([1, 255]),
    e: { x: 1n },
    f: "l1\nl2\u001B[2J",
    g: true,
    h: new Date(Number.NaN),
  };
  assert.deepEqual(rowsTable([values]).rows[0], [
    "null",
    "12",
    "1970-01-01T00:00:00.000Z",
    "0x01ff",
    '{"x":"1"}',
    "l1↵l2�[2J",
    "true",
    "invalid date",
  ]);
});

test("a terminal's columns are counted, not characters", () => {
  assert.deepEqual(
    ["a", "é", "e\u0301", "日本", "👩‍👩‍👧", "\u001B[31mred\u001B[0m"].map(width),
    [1, 1, 1, 4, 2, 3],
  );
});

test("lengths of time", () => {
  assert.deepEqual([0.0123, 0.9996, 3.44, 59.96, 125].map(length), [
    "12 ms",
    "1.0 s",
    "3.4 s",
    "1 min 0 s",
    "2 min 5 s",
  ]);
});

test("a dry run is SQL with its transactions", () => {
  const all = [
    migration(
      "1-a",
      [],
      steps({ migrate: "create table a (b text default '%s?');\ninsert into a values (';')" }),
    ),
    migration("2-b", [], {
      transactional: { migrate: false, rollback: true },
      ...steps({ migrate: "vacuum" }),
    }),
    migration("3-c", [], steps({ migrate: function fill() {}, ignoreErrors: "migrate" })),
  ];
  assert.equal(
    dryRun(planned(planMigrate(all, history([]), { dialect: "postgresql" }))),
    `begin;
-- Apply 1-a
create table a (b text default '%s?');
insert into a values (';');
-- Record 1-a as applied
commit;

-- Outside a transaction; each statement is recorded as it is done.
-- Apply 2-b
vacuum;
-- Record 2-b as applied

begin;
-- Apply 3-c
-- Errors of step 1 are ignored.
-- Step 1 is a function, fill; what it sends is known when it runs.
-- Record 3-c as applied
commit;
`,
  );
});

test("a dry run of a rollback, of a half-applied one, and of nothing", () => {
  const back = planRollback([migration("1-a")], history(["1-a"]), { dialect: "sqlite", all: true });
  assert.equal(
    dryRun(planned(back)),
    'begin;\n-- Roll back 1-a\ndrop table "1-a";\n-- Remove the record of 1-a\ncommit;\n',
  );
  const two = migration("1-a", [], steps({ migrate: "a; b" }, { migrate: "c" }));
  const half = planMigrate(
    [two],
    history([], [entry("1-a", [0, 0], "a"), entry("1-a", [0, 1], "b", { state: "intended" })]),
    { dialect: "mysql" },
  );
  assert.equal(
    dryRun(planned(half)),
    `-- Outside a transaction; each statement is recorded as it is done.
-- Apply 1-a
-- 1 of 3 statements are done since an earlier run and are not run again.
-- The next one was begun; the run finds out whether it took effect.
b;
c;
-- Record 1-a as applied
`,
  );
  assert.equal(dryRun(planned(planMigrate([], history([]), { dialect: "mysql" }))), "-- Nothing to apply.\n");
});

test("a plan as data holds the exact statements", () => {
  const plan = planned(planMigrate([migration("1-a")], history([]), { dialect: "sqlite" }));
  assert.deepEqual(JSON.parse(toJson(planData(plan))), {
    direction: "migrate",
    dialect: "sqlite",
    units: [
      {
        transaction: "run",
        migrations: [
          {
            id: "1-a",
            direction: "migrate",
            recordOnly: false,
            resume: null,
            steps: [
              {
                step: 0,
                ignoreErrors: false,
                statements: [{ sql: 'create table "1-a" (a int)', line: 1, column: 1 }],
              },
            ],
          },
        ],
      },
    ],
    warnings: [],
  });
});

for (const [event, line] of [
  [
    { type: "waiting", holder: "ann@host, process 12", seconds: 0.5, limit: 60 },
    "Waiting for another run to end (ann@host, process 12): 500 ms of at most 1 min 0 s.",
  ],
  [{ type: "waiting", seconds: 2, limit: 3 }, "Waiting for another run to end: 2.0 s of at most 3.0 s."],
  [
    { type: "warning", problem: { kind: "missing", id: "1-a" } },
    'Warning: The migration 1-a is applied and its file is gone. Restore the file, or forget it with `rider unmark "1-a"`.',
  ],
  [{ type: "planned", direction: "migrate", count: 1 }, "1 migration to apply."],
  [{ type: "planned", direction: "rollback", count: 2 }, "2 migrations to roll back."],
  [{ type: "planned", direction: "migrate", count: 0 }, undefined],
  [{ type: "begin", direction: "migrate", id: "1-a", position: 1, of: 2 }, undefined],
  [
    { type: "begin", direction: "migrate", id: "1-a", position: 1, of: 2, resumed: { done: 2, of: 5 } },
    "Applying 1-a from where it stopped: 2 of 5 statements are done.",
  ],
  [{ type: "statement", id: "1-a", step: 0, statement: 0 }, undefined],
  [
    { type: "ignored", direction: "migrate", id: "1-a", step: 0, reason: "There is one." },
    "Ignored an error in step 1 of 1-a, as its ignoreErrors says: There is one.",
  ],
  [
    { type: "done", direction: "migrate", id: "1-a", position: 1, of: 1, seconds: 0.1 },
    "Applied 1-a (100 ms)",
  ],
  [
    { type: "done", direction: "rollback", id: "1-a", position: 1, of: 1, seconds: 0, recordOnly: true },
    "Rolled back 1-a (its record only)",
  ],
  [{ type: "end", direction: "migrate", count: 0, seconds: 0 }, "Nothing to apply."],
  [{ type: "end", direction: "rollback", count: 3, seconds: 2 }, "Rolled back 3 migrations in 2.0 s."],
] as const) {
  test(`the event ${event.type} as a line: ${line}`, () => {
    assert.equal(eventLine(event), line);
  });
}

test("a line of progress", () => {
  assert.equal(
    progressLine({ type: "begin", direction: "rollback", id: "1-a", position: 3, of: 10 }),
    "[3/10] Rolling back 1-a…",
  );
});

test("findings in words", () => {
  assert.equal(
    findingsText({ pending: [], edited: [], missing: [], half: [], ok: true }),
    "Nothing is pending, edited or missing.",
  );
  assert.equal(
    findingsText({ pending: ["1-a", "2-b"], edited: ["3-c"], missing: ["4-d"], half: ["2-b"], ok: false }),
    "2 migrations are pending: 1-a, 2-b.\n1 migration is edited since applied: 3-c.\n1 migration is applied without a file: 4-d.\n1 migration is begun and not finished: 2-b.",
  );
});

test("the graph as text", () => {
  assert.equal(
    graphText(rows),
    '● 1-a\n✗ 1-gone [missing] (head)\n○ 2-"b (head) ← 1-a\n\n● applied  ○ pending  ✗ missing  ← depends on',
  );
  assert.equal(graphText([]), "There are no migrations.");
});

test("the graph for Mermaid", () => {
  assert.equal(
    graphMermaid(rows),
    `flowchart TD
  m0["1-a"]:::isapplied
  m1["1-gone"]:::ismissing
  m2["2-#34;b"]:::ispending
  m0 --> m2
  classDef isapplied fill:#b7e1cd,stroke:#555,color:#000
  classDef ismissing fill:#f4c7c3,stroke:#555,color:#000
  classDef ispending fill:#ffffff,stroke:#555,color:#000
`,
  );
});

test("the graph for Graphviz", () => {
  assert.equal(
    graphDot(rows),
    `digraph migrations {
  node [shape=box, style=filled, fontname=sans];
  "1-a" [fillcolor="#b7e1cd", tooltip="applied"];
  "1-gone" [fillcolor="#f4c7c3", style="filled,dashed", tooltip="missing"];
  "2-\\"b" [fillcolor="#ffffff", style="filled,dashed", tooltip="pending"];
  "1-a" -> "2-\\"b";
}
`,
  );
});

test("JSON holds whole numbers, bytes and times without a loss", () => {
  const value = {
    n: 2n ** 63n,
    bytes: Buffer.from("hi"),
    more: [new Uint8Array([1])],
    like: { type: "Buffer", data: [1] },
    at: new Date(0),
  };
  assert.deepEqual(JSON.parse(toJson(value)), {
    n: "9223372036854775808",
    bytes: "aGk=",
    more: ["AQ=="],
    like: { type: "Buffer", data: [1] },
    at: "1970-01-01T00:00:00.000Z",
  });
  assert.equal(JSON.parse(toJson(statusData(rows))).migrations[0].appliedAt, "1970-01-01T00:00:00.000Z");
});
