/**
 * Sends requests to the server from a process of its own: `node load.ts ADDRESS REQUESTS AT_A_TIME`. Three of four read, one
 * writes. Prints one line of JSON.
 */
export interface LoadResult {
  readonly requests: number;
  /** Those that were not answered with status 200. */
  readonly errors: number;
  /** The milliseconds in which half of the requests were answered. */
  readonly p50: number;
  /** The milliseconds in which 99 of 100 were answered. */
  readonly p99: number;
}

const [address = "", total = "2000", atATime = "64"] = process.argv.slice(2);
const contacts = (await (await fetch(`${address}/contacts`)).json()) as { id: number }[];
const times: number[] = [];
let started = 0;
let errors = 0;
await Promise.all(Array.from({ length: Number(atATime) }, sendUntilDone));

times.sort((a, b) => a - b);
const percentile = (p: number): number => times[Math.ceil((p / 100) * times.length) - 1] ?? 0;
const result: LoadResult = { requests: started, errors, p50: percentile(50), p99: percentile(99) };
console.log(JSON.stringify(result));

async function sendUntilDone(): Promise<void> {
  while (started < Number(total)) {
    const number = started++;
    const before = performance.now();
    if (!(await send(number))) errors++;
    times.push(performance.now() - before);
  }
}

/** Whether the answer was as it should be. */
async function send(number: number): Promise<boolean> {
  const contact = `${address}/contacts/${contacts[number % contacts.length]?.id}`;
  try {
    const answer =
      number % 4 === 0
        ? await fetch(`${contact}/visits`, { method: "POST" })
        : await fetch(number % 4 === 1 ? `${address}/contacts` : contact);
    await answer.json();
    return answer.status === 200;
  } catch {
    return false;
  }
}
