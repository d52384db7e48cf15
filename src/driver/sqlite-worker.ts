/*
 * What a worker thread runs: desks for open files, which carry out what comes in parcels. Answers go back together once all
 * that had come is done, or earlier where a statement takes long, so that nobody's answer waits behind somebody else's work.
 */
import { availableParallelism } from "node:os";
import { parentPort, receiveMessageOnPort } from "node:worker_threads";
import { Readings } from "../base/readings.ts";
import { openBetterSqlite3 } from "./better-sqlite3.ts";
import { openNodeSqlite } from "./node-sqlite.ts";
import type { Answer, Desk, Order } from "./sqlite-desk.ts";
import type { OpenEngine } from "./sqlite-engine.ts";
import { Lookout } from "./sqlite-lookout.ts";
import { OpenFailure, openDesk } from "./sqlite-open.ts";
import { bindAll } from "./sqlite-values.ts";
import { AnswerPacker, type Errand, ErrandReader, type Parcel } from "./sqlite-wire.ts";

/** Milliseconds that an answer may lie here while the next orders are carried out. */
const LONGEST = 1;
/** How many may lie here: the other thread is to have something to do meanwhile. */
const MOST = 16;

/** Milliseconds after which the thread's event loop is to go round, whatever else there is to do: whoever waits for a lock has a timer. */
const LONGEST_TURN = 2;

const CLIENTS: Readonly<Record<string, OpenEngine>> = {
  "node:sqlite": openNodeSqlite,
  "better-sqlite3": openBetterSqlite3,
};

const NOTHING: Answer = {
  columns: [],
  rows: [],
  changes: 0,
  lastInsertRowid: null,
  done: true,
  inTransaction: false,
  failure: undefined,
};

/** Serves the thread's port until the thread is ended. */
function serve(port: import("node:worker_threads").MessagePort): void {
  const desks = new Map<number, Desk>();
  const packer = new AnswerPacker();
  const reader = new ErrandReader();
  const readings = new Readings();
  let unpacking = false;
  let flushedAt = 0;
  let held = 0;

  const flush = (): void => {
    flushedAt = performance.now();
    held = 0;
    const ready = packer.take();
    if (ready !== undefined) port.postMessage(ready.parcel, ready.transfer);
  };
  /** Since when the order in hand has been here: since the one in front of it was done. */
  let begun = 0;
  const answer = (number: number, found: Answer, since = begun): void => {
    const now = performance.now();
    packer.add(number, found, now - since);
    added(now);
  };
  const added = (now: number): void => {
    begun = now;
    if (!unpacking || ++held === MOST || now - flushedAt > LONGEST) flush();
  };
  /** The short way of a statement that nothing is in front of; `false` where it has to go the other one. */
  const run = (number: number, desk: Desk, { text, values, reads }: Order & { op: "run" }): boolean => {
    if (reads) readings.reads(desk, begun);
    else readings.end();
    const ran = desk.runNow?.(text, bindAll(values), reads);
    if (ran === undefined || "error" in ran) {
      readings.end();
      if (ran === undefined) return false;
      answer(number, { ...NOTHING, inTransaction: desk.inTransaction, failure: ran });
      return true;
    }
    const now = performance.now();
    packer.addRows(number, ran, desk.inTransaction, now - begun);
    added(now);
    return true;
  };
  const open = (number: number, { client, file, options }: Errand & { op: "open" }): void => {
    try {
      const desk = openDesk(CLIENTS[client] as OpenEngine, file, { ...options });
      desks.set(number, desk);
      answer(number, { ...NOTHING, columns: ["path"], rows: [[desk.path]] });
    } catch (error) {
      const failure =
        error instanceof OpenFailure
          ? { error: error.cause, errno: error.errno }
          : { error, errno: undefined };
      answer(number, { ...NOTHING, failure });
    }
  };

  const carryOut = (parcel: Parcel): void => {
    reader.read(parcel, (number, errand) => {
      const desk = desks.get(number);
      if (errand.op !== "run") readings.end();
      if (errand.op === "open") open(number, errand);
      else if (errand.op === "cancel") desk?.cancel();
      else if (errand.op === "close") {
        desks.delete(number);
        void desk?.close();
        answer(number, NOTHING);
      } else if (desk !== undefined && !(errand.op === "run" && run(number, desk, errand))) {
        const since = begun;
        desk.give(errand, { answered: (found) => answer(number, found, since) });
      }
    });
  };
  const lookout = new Lookout(
    () => receiveMessageOnPort(port)?.message as Parcel | undefined,
    () => performance.now(),
  );
  /**
   * All that has come is taken first, and answered together: answered one by one, parcels of a single statement would bring on parcels
   * of a single statement for ever, each with a wake-up on either side. What comes while these are carried out has to wait for the
   * next time, since it may have been sent after what a reading shows.
   */
  const unpack = (first: Parcel): void => {
    const parcels = [first, ...lookout.come()];
    unpacking = true;
    flushedAt = performance.now();
    begun = flushedAt;
    for (const parcel of parcels) carryOut(parcel);
    readings.end();
    unpacking = false;
    flush();
  };
  // Where there is one processor, whoever is to send more could not do so meanwhile.
  const looks = availableParallelism() > 1;
  port.on("message", (first: Parcel) => {
    unpack(first);
    if (!looks) return;
    const until = performance.now() + LONGEST_TURN;
    while (performance.now() < until) {
      const next = lookout.more();
      if (next === undefined) return;
      unpack(next);
    }
  });
}

if (parentPort !== null) serve(parentPort);
