import type { PgWire } from "./pg-client.ts";

/**
 * Whether a server takes writes, as it tells by itself at the start and with every change since PostgreSQL 14:
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-ASYNC
 */
export class PgRole {
  #standby: boolean | undefined;
  #readOnly: boolean | undefined;
  #readOnlyAtStart = false;

  watch(wire: PgWire): void {
    wire.on("parameterStatus", ({ parameterName, parameterValue }: PgParameter) => {
      const on = parameterValue === "on";
      if (parameterName === "in_hot_standby") this.#standby = on;
      if (parameterName !== "default_transaction_read_only") return;
      if (this.#readOnly === undefined) this.#readOnlyAtStart = on;
      this.#readOnly = on;
    });
  }

  /** `true` for a standby; `undefined` where the server did not say. */
  get standby(): boolean | undefined {
    return this.#standby;
  }

  /**
   * Whether a refused write is this program's own doing: the server is no standby, and either is not read-only (so the
   * transaction is) or was so for this session from the start, as a role or a database can be set.
   */
  get readOnlyByChoice(): boolean {
    return this.#standby === false && (this.#readOnly === false || this.#readOnlyAtStart);
  }
}

interface PgParameter {
  readonly parameterName: string;
  readonly parameterValue: string;
}
