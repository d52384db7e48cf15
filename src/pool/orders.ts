import type { Place } from "./place.ts";
import type { Waiter } from "./queue.ts";

/**
 * What the machine wants done. The runner carries the orders out in their sequence and reports back by an event:
 *
 * | order | is answered by |
 * | --- | --- |
 * | `connect` | `opened` or `openFailed` |
 * | `check` (wait one poll phase, look at the socket, and where `ask` is set ask the other side) | `checked` |
 * | `destroy`, `abort` (the attempt to connect) | `gone` |
 * | `lend`, `refuse` | nothing: the waiter has its answer |
 * | `leak`, `drained` | nothing: news |
 */
export type Order<P, C> =
  | { readonly kind: "connect"; readonly place: Place<P> }
  | { readonly kind: "check"; readonly place: Place<P>; readonly ask: boolean }
  | { readonly kind: "destroy"; readonly place: Place<P>; readonly why: CloseReason }
  | { readonly kind: "abort"; readonly place: Place<P> }
  | { readonly kind: "lend"; readonly waiter: Waiter<C>; readonly place: Place<P> }
  | { readonly kind: "refuse"; readonly waiter: Waiter<C>; readonly why: Refusal }
  | { readonly kind: "leak"; readonly place: Place<P> }
  | { readonly kind: "drained"; readonly cut: number };

/**
 * Why somebody gets no connection: `full` (no `timeout`, every place taken), `timeout` (it has passed), `crowded`
 * (`maxWaiting`), `deadlock` (it would wait for itself), `closed`, `draining`, `unreachable` (connecting failed).
 */
export type Refusal = "full" | "timeout" | "crowded" | "deadlock" | "closed" | "draining" | "unreachable";

/**
 * Why a connection is closed: `expired` (`staleTimeout`, `maxLifetime`), `worn` (`maxUses`), `idle` (`idleTimeout`,
 * `closeIdle`), `unfit` (a reset or a check failed), `lost` (it died by itself), `retired` (its host was given up),
 * `held` (`closeStale`), `manual` (`manualClose`), `closed` (`closeAll`), `drained` (`drain`).
 */
export type CloseReason =
  | "expired"
  | "worn"
  | "idle"
  | "unfit"
  | "lost"
  | "retired"
  | "held"
  | "manual"
  | "closed"
  | "drained";
