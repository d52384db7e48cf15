/**
 * Sends requests to the server from a process of its own: `node load.ts ADDRESS REQUESTS AT_A_TIME`. Three of four read, one
 * writes. Prints one line of JSON.
 */
import { Agent, request } from "node:http";

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
const agent = new Agent({ keepAlive: true, maxSockets: Number(atATime) });
const ids = (JSON.parse((await send("GET", "/contacts")).body || "[]") as { id: number }[]).map(
  ({ id }) => id,
);

const times: number[] = [];
let started = 0;
let errors = 0;
await Promise.all(Array.from({ length: Number(atATime) }, sendUntilDone));
agent.destroy();

times.sort((a, b) => a - b);
const percentile = (p: number): number => times[Math.ceil((p / 100) * times.length) - 1] ?? 0;
const result: LoadResult = { requests: started, errors, p50: percentile(50), p99: percentile(99) };
console.log(JSON.stringify(result));

async function sendUntilDone(): Promise<void> {
  while (started < Number(total)) {
    const number = started++;
    const id = ids[number % ids.length] ?? 0;
    const before = performance.now();
    const { status } = await (number % 4 === 0
      ? send("POST", `/contacts/${id}/visits`)
      : number % 4 === 1
        ? send("GET", "/contacts")
        : send("GET", `/contacts/${id}`));
    times.push(performance.now() - before);
    if (status !== 200) errors++;
  }
}

/** The answer; status 0 where there was none. */
function send(method: string, path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve) => {
    const none = () => resolve({ status: 0, body: "" });
    const sent = request(new URL(path, address), { method, agent, timeout: 10_000 }, (response) => {
      let body = "";
      response
        .setEncoding("utf8")
        .on("data", (text: string) => {
          body += text;
        })
        .on("end", () => resolve({ status: response.statusCode ?? 0, body }))
        .on("error", none);
    });
    sent
      .on("timeout", () => sent.destroy())
      .on("error", none)
      .end();
  });
}
