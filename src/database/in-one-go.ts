/**
 * The door through which Rider runs many statements of a transaction at once: where the database is in this thread, the way of
 * each through promises costs more than what it does. It gives how far they came, as `Connection.runAll` does. @internal
 */
export const inOneGo: unique symbol = Symbol("apocryphan.inOneGo");
