/** What went wrong, in words that are the same for the three databases. */
export type FailureKind =
  | "unique"
  | "foreignKey"
  | "notNull"
  | "check"
  | "exclusion"
  | "syntax"
  | "missing"
  | "permission"
  | "data"
  | "serialization"
  | "deadlock"
  | "lockTimeout"
  | "cancelled"
  | "timeout"
  | "aborted"
  | "readOnly"
  | "tooManyConnections"
  | "authentication"
  | "noDatabase"
  | "shutdown"
  | "starting"
  | "lost"
  | "protocol"
  | "full"
  | "corrupt"
  | "other";

/** A classified failure, and what follows from it. */
export interface Failure {
  readonly kind: FailureKind;
  /** Whether the same transaction, run again from its start, may succeed. */
  readonly retryable: boolean;
  /** `"keep"`: it says nothing about the connection. `"drop"`: the connection is not to be used again. */
  readonly connection: "keep" | "drop";
  /** Whether everything that was opened to this host is suspect (it is read-only now, or going down). */
  readonly host: "keep" | "retire";
}

const RETRYABLE: ReadonlySet<FailureKind> = new Set(["serialization", "deadlock"]);
const DROPPED: ReadonlySet<FailureKind> = new Set(["shutdown", "lost", "protocol", "starting", "corrupt"]);

/** The failure of a kind, with what always follows from that kind. */
export function failure(kind: FailureKind, more: Partial<Omit<Failure, "kind">> = {}): Failure {
  const retire = kind === "readOnly";
  return {
    kind,
    retryable: RETRYABLE.has(kind),
    connection: retire || DROPPED.has(kind) ? "drop" : "keep",
    host: retire ? "retire" : "keep",
    ...more,
  };
}

/** Codes by which operating systems and Node.js say that a network connection is gone or can't be made. */
const NETWORK = new Set([
  "ECONNRESET",
  "ECONNREFUSED",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "EHOSTDOWN",
  "ENETUNREACH",
  "ENETDOWN",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EADDRNOTAVAIL",
  "ENOENT",
  "ERR_STREAM_DESTROYED",
]);

/** Whether a Node.js error code is about the network rather than about a statement. */
export function isNetworkCode(name: string | undefined): boolean {
  return name !== undefined && NETWORK.has(name);
}
