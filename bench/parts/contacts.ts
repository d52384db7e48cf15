import { expect, load } from "../harness/load.ts";
import type { Figures, Trial } from "../harness/part.ts";
import { type Client, CONTACTS } from "../versus/statements.ts";

/** An id from which ten contacts follow; each `i` has another than its neighbours. */
export function contactOf(i: number): number {
  return ((i * 7919) % (CONTACTS - 10)) + 1;
}

/** Runs `open`'s client under load with one of the two statements. */
export async function measured(client: Client, what: "one" | "ten", trial: Trial): Promise<Figures> {
  try {
    return await load(WORK[what](client), trial);
  } finally {
    await client.close();
  }
}

const WORK = {
  one: (client: Client) => async (i: number) => expect(await client.one(i), i),
  ten: (client: Client) => async (i: number) => {
    const from = contactOf(i);
    const rows = await client.ten(from);
    expect(rows.length, 10);
    expect(rows[9]?.id, from + 9);
    expect(rows[9]?.name, `name ${from + 9}`);
  },
};
