import type { Link } from "../base/chain.ts";
import { sample } from "../base/sample.ts";
import type { Statement } from "./driver.ts";
import type { Answer, Asker, Order } from "./sqlite-desk.ts";

/** What a connection's line has to know of a statement. */
export interface Manner {
  /** Whether it may only go out while its connection has the file's place for a writer. */
  readonly writes: boolean;
  /** Whether it may begin a transaction, so that what follows belongs to it. */
  readonly begins: boolean;
  /** When it came, on `performance.now()`'s clock; 0 for what does not write. */
  readonly since: number;
}

/** One that only looks. */
export const READS: Manner = { writes: false, begins: false, since: 0 };

/** The connection that an item is on its way through. */
export interface ItemHost {
  answered(item: Item, answer: Answer): void;
}

/** An order that has not been answered. */
export class Item implements Asker, Link<Item> {
  readonly #host: ItemHost;
  readonly order: Order;
  readonly statement: Statement;
  readonly manner: Manner;
  readonly settle: (answer: Answer) => void;
  readonly fail: (error: unknown) => void;
  /** For how long it was sent to wait for somebody else's lock. */
  patience = 0;
  /** Whether it has been given to the desk, which has not answered. */
  sent = false;
  before: Item | undefined = undefined;
  after: Item | undefined = undefined;

  constructor(
    host: ItemHost,
    order: Order,
    statement: Statement,
    manner: Manner,
    settle: (answer: Answer) => void,
    fail: (error: unknown) => void,
  ) {
    this.#host = host;
    this.order = order;
    this.statement = statement;
    this.manner = manner;
    this.settle = settle;
    this.fail = fail;
  }

  answered(answer: Answer): void {
    this.#host.answered(this, answer);
  }
}

sample(
  new Item(
    undefined as never,
    undefined as never,
    undefined as never,
    READS,
    undefined as never,
    undefined as never,
  ),
);
