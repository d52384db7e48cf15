/**
 * What the web integrations ask of a database object. They are written against the doors and can't reach inside; this is the
 * one word that both sides know.
 */

/**
 * The door through which a web integration gets at a database object's requests. From the registry of all symbols, so that a program
 * which loads the package twice, as ES module and as CommonJS, still has one door.
 *
 * @internal
 */
export const requests: unique symbol = Symbol.for("apocryphan.requests");

/** How the transaction of a request is begun; see `AtomicOptions`. */
export interface RequestTransaction {
  readonly isolation?: "read uncommitted" | "read committed" | "repeatable read" | "serializable" | undefined;
  readonly readOnly?: boolean | undefined;
}

/** How a request holds its connection. */
export interface RequestTerms {
  /** One transaction around all its statements. */
  readonly transaction?: RequestTransaction | undefined;
  /** Whether statements under way are cancelled when the client goes away. */
  readonly cancel: boolean;
}

/** One request's hold on a database: an async context of its own, whose connection is taken at the first statement. */
export interface RequestScope {
  /** Whether there is something to commit: a transaction was begun, or is being begun, and has not ended. */
  readonly pending: boolean;
  /** Runs `fn` in the request's context; where that is the context already, `fn` just runs. */
  run<T>(fn: () => T): T;
  /** From the next statement on, a transaction around all of them. Where one was begun it stays. */
  useTransaction(transaction: RequestTransaction): void;
  /** Commits, where there is something. No statement of the request is taken after that. @throws why it could not be committed */
  commit(): Promise<void>;
  /** Undoes what there is. Never rejects; no statement of the request is taken after that. */
  rollBack(): Promise<void>;
  /**
   * Gives the connection back; what was not committed is undone. Settles when that is done, never rejects. The first call counts.
   *
   * @param how `"done"`: the response has ended; statements under way are awaited. `"gone"`: nobody will get the response;
   * who waits for a connection is turned away, and statements under way are cancelled where the terms say so
   */
  end(how: "done" | "gone"): Promise<void>;
}
