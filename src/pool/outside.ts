import { AsyncLocalStorage } from "node:async_hooks";

/**
 * Runs `fn` outside of the caller's async context. For what outlives the one who happened to cause it, such as a socket:
 * it would keep alive all that was in that context, the connection before it included, and so on without end.
 */
export const outside: <T>(fn: () => T) => T = AsyncLocalStorage.snapshot();
