/**
 * Writes the messages that a statement consists of, in one piece: one write for each would cost the stream and the system
 * more than making them.
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export class MessageWriter {
  #buffer = Buffer.allocUnsafe(4096);
  #at = 0;
  /** Where the length of the message that is being written stands. */
  #start = 0;

  /** In the simple protocol, which needs nothing else. */
  query(text: string): void {
    this.#begin(QUERY);
    this.#string(text);
    this.#end();
  }

  parse(name: string, text: string): void {
    this.#begin(PARSE);
    this.#string(name);
    this.#string(text);
    // No types: the server finds them from the text.
    this.#int16(0);
    this.#end();
  }

  /** Values as text, or as bytes where they are a buffer; results as text. */
  bind(name: string, values: readonly (string | Buffer | null)[]): void {
    this.#begin(BIND);
    this.#byte(0);
    this.#string(name);
    if (values.some(Buffer.isBuffer)) {
      this.#int16(values.length);
      for (const value of values) this.#int16(Buffer.isBuffer(value) ? 1 : 0);
    } else this.#int16(0);
    this.#int16(values.length);
    for (const value of values) this.#value(value);
    this.#int16(0);
    this.#end();
  }

  describe(): void {
    this.#begin(DESCRIBE);
    this.#byte(PORTAL);
    this.#byte(0);
    this.#end();
  }

  execute(): void {
    this.#begin(EXECUTE);
    this.#byte(0);
    // All rows.
    this.#int32(0);
    this.#end();
  }

  /** Has the server forget a prepared statement. */
  close(name: string): void {
    this.#begin(CLOSE);
    this.#byte(STATEMENT);
    this.#string(name);
    this.#end();
  }

  sync(): void {
    this.#begin(SYNC);
    this.#end();
  }

  /** All that was written since the last time. */
  take(): Buffer {
    const taken = Buffer.from(this.#buffer.subarray(0, this.#at));
    this.#at = 0;
    if (this.#buffer.length > LARGEST_KEPT) this.#buffer = Buffer.allocUnsafe(4096);
    return taken;
  }

  /** Throws away what was written since the last time. */
  clear(): void {
    this.#at = 0;
  }

  #begin(code: number): void {
    this.#byte(code);
    this.#start = this.#at;
    this.#room(4);
    this.#at += 4;
  }

  /** The length counts itself, and not the code in front of it. */
  #end(): void {
    this.#buffer.writeInt32BE(this.#at - this.#start, this.#start);
  }

  #value(value: string | Buffer | null): void {
    if (value === null) {
      this.#int32(-1);
      return;
    }
    if (typeof value === "string") {
      // In UTF-8 a unit of a string takes three bytes at most.
      this.#room(4 + value.length * 3);
      const length = this.#buffer.write(value, this.#at + 4);
      this.#buffer.writeInt32BE(length, this.#at);
      this.#at += 4 + length;
      return;
    }
    this.#int32(value.length);
    this.#room(value.length);
    this.#at += value.copy(this.#buffer, this.#at);
  }

  #string(text: string): void {
    this.#room(text.length * 3 + 1);
    this.#at += this.#buffer.write(text, this.#at);
    this.#buffer[this.#at++] = 0;
  }

  #byte(value: number): void {
    this.#room(1);
    this.#buffer[this.#at++] = value;
  }

  #int16(value: number): void {
    this.#room(2);
    this.#at = this.#buffer.writeUInt16BE(value, this.#at);
  }

  #int32(value: number): void {
    this.#room(4);
    this.#at = this.#buffer.writeInt32BE(value, this.#at);
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#at + bytes));
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#buffer = larger;
  }
}

const [QUERY, PARSE, BIND, DESCRIBE, EXECUTE, CLOSE, SYNC, PORTAL, STATEMENT] = [..."QPBDECSPS"].map(
  (letter) => letter.charCodeAt(0),
) as [number, number, number, number, number, number, number, number, number];
/** One large statement is not to keep its memory for ever. */
const LARGEST_KEPT = 1024 * 1024;
