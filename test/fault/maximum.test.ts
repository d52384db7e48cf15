import assert from "node:assert/strict";
import { test } from "node:test";
import pg from "pg";
import { until } from "../support/wait.ts";
import { guestUrl, inviteGuest, openPool, startServer } from "./support.ts";

const NAME = "the-pool";
const MAX = 20;
const CONTEXTS = 500;
const SAMPLES = 50;
const COUNT = `select count(*)::int as n from pg_stat_activity where application_name = '${NAME}'`;

for (const kills of [false, true]) {
  test(`PostgreSQL never sees more than maxConnections of ${CONTEXTS} contexts${kills ? ", sessions being killed all the time" : ""}`, async (t) => {
    const server = await startServer("postgresql", t);
    await inviteGuest("postgresql", server);
    const db = openPool("postgresql", t, {
      url: guestUrl("postgresql", server.url),
      applicationName: NAME,
      maxConnections: MAX,
      connectConcurrency: MAX,
      timeout: "60s",
      // Connections come and go all the time.
      maxUses: 7,
    });
    // Looks from inside the server, many times a round trip: what is too much may be so for a moment only.
    await server.exec(`create function most_of(times int) returns int language plpgsql as $$
      declare most int := 0;
      begin
        for i in 1..times loop
          perform pg_stat_clear_snapshot();
          most := greatest(most, (select count(*) from pg_stat_activity where application_name = '${NAME}'));
        end loop;
        return most;
      end $$`);
    const onlooker = new pg.Client(server.url);
    await onlooker.connect();
    const killer = new pg.Client(server.url);
    await killer.connect();
    for (const client of [onlooker, killer]) client.on("error", () => {});

    let going = true;
    let most = 0;
    let samples = 0;
    let killed = 0;
    let failed = 0;
    let done = 0;
    const looking = (async () => {
      while (going) {
        const { rows } = await onlooker.query<{ n: number }>(`select most_of(${SAMPLES}) as n`);
        most = Math.max(most, rows[0]?.n ?? 0);
        samples += SAMPLES;
        assert.ok(db.stats().open + db.stats().connecting <= MAX);
      }
    })();
    const killing = (async () => {
      for (let next = 0; going && kills; next = done + failed + 20) {
        await until("more to be done", () => !going || done + failed >= next, { every: 1 });
        const victim = `select pg_terminate_backend(pid) from pg_stat_activity where application_name = '${NAME}' order by random() limit 1`;
        killed += (await killer.query(victim)).rowCount ?? 0;
      }
    })();

    await Promise.all(
      Array.from({ length: CONTEXTS }, async (_, i) => {
        for (let round = 0; round < 6; round++) {
          await db
            .withConnection(async () => {
              await db.select("select 1");
              if (i % 3 === 0) await db.atomic(() => db.select("select pg_sleep(0.002)"));
              if (i % 50 === 0) await db.manualClose();
            })
            .then(
              () => done++,
              (error: Error) => {
                assert.equal(error.name, "ConnectionLostError", String(error));
                failed++;
              },
            );
        }
      }),
    );
    going = false;
    await Promise.all([looking, killing]);
    await killer.end();
    t.diagnostic(
      `${samples} samples, most ${most} of ${MAX}; ${done} done, ${failed} lost, ${killed} killed, ${db.stats().connects} connects`,
    );
    assert.equal(done + failed, CONTEXTS * 6);
    assert.ok(most <= MAX, `the server saw ${most}`);
    assert.ok(most > MAX / 2, `the server saw no more than ${most}, so this shows nothing`);
    if (kills) assert.ok(killed > 20 && failed > 0);
    else assert.equal(failed, 0);
    await until("server and client to count the same", async () => {
      const { rows } = await onlooker.query<{ n: number }>(COUNT);
      return rows[0]?.n === db.stats().open;
    });
    await onlooker.end();
  });
}
