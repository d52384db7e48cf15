import "./node-version.ts";

/**
 * The root of every error this library throws.
 *
 * `code` is stable and is what programs should match on; the message is for people and may get better over time.
 * Every message ends with the code in parentheses, so that a line in a log leads to its heading in `docs/errors.md`.
 */
export class ApocryphanError extends Error {
  /** A stable, upper-case word for this kind of failure, such as `"OPTION_INVALID"`. */
  readonly code: string;

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(`${message} (${code})`, options);
    this.code = code;
  }

  // On the prototype and from the class, so that every subclass is named by its own declaration.
  override get name(): string {
    return this.constructor.name;
  }
}

/** An option, an argument or a URL that does not exist or does not fit. Thrown before anything is touched. */
export class OptionError extends ApocryphanError {
  /** The option's name as the caller wrote it. */
  readonly option: string;

  constructor(option: string, message: string, options?: { cause?: unknown }) {
    super("OPTION_INVALID", message, options);
    this.option = option;
  }
}

/** The caller's `AbortSignal` was aborted. `cause` is the signal's reason. */
export class AbortError extends ApocryphanError {
  constructor(what: string, options?: { cause?: unknown }) {
    super("ABORT_ERR", `${what} was given up because its signal was aborted.`, options);
  }

  override get name(): "AbortError" {
    return "AbortError";
  }
}

/** A connection could not be opened. Names host and port (or file); `cause` is the driver's error. */
export class ConnectError extends ApocryphanError {
  constructor(message: string, options?: { cause?: unknown }) {
    super("CONNECT_FAILED", message, options);
  }
}

/** The connection is gone although nobody gave it back: the server closed it, the network broke, or the pool took it away. */
export class ConnectionLostError extends ApocryphanError {
  constructor(message: string, options?: { cause?: unknown }) {
    super("CONNECTION_LOST", message, options);
  }
}
