/**
 * What the pool needs to know about the things it pools. Implement this to pool something of your own:
 *
 * - `open` makes one, or rejects. When `signal` is aborted the attempt must end and leave nothing open behind;
 *   the promise settles only then.
 * - `close` ends one and settles when it is really gone, so that its place may be taken. It never rejects and
 *   may be called at any moment, also while something runs on the item (which is cancelled first).
 * - `usable` is asked before every loan. It costs nothing: is the socket still open, as far as is known here?
 * - `check` asks the other side, at the price of a round trip. It never rejects; `false` retires the item.
 * - `reset` is told that the item comes back. `true`: it may be lent again at once (what had to be sent was sent
 *   in front of anything that follows); `false`: it is not fit and is closed; a promise: wait for that answer.
 * - `onLost` calls `lost` at most once, when the item dies by itself.
 * - `lasting`, where it is there, says of an error of `open` whether trying again is pointless (the driver is not
 *   installed): then nobody is made to wait for it. An `OptionError` always is.
 * - `shares`, where it is there, names what an item shares with others so that only one of them can be at work at a
 *   time, such as a thread; `undefined` for one that shares nothing. Of the idle items the one is lent whose share has
 *   the fewest lent ones.
 * - `local`, where it is `true`, says that items live in this thread: none dies unheard while the thread is busy, so none has
 *   to be looked at after that.
 */
export interface Resource<T> {
  open(signal: AbortSignal): Promise<T>;
  close(item: T): Promise<void>;
  usable(item: T): boolean;
  check(item: T): Promise<boolean>;
  reset(item: T): boolean | Promise<boolean>;
  onLost(item: T, lost: (cause: Error) => void): void;
  readonly local?: boolean;
  lasting?(error: unknown): boolean;
  shares?(item: T): unknown;
}
