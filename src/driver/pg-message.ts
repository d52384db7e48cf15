/** Bytes that are asked of the system at once. */
const BLOCK = 16_384;
/** Up to so many units a text is written here. */
const SHORT = 64;

/**
 * Writes the messages that statements consist of, in one piece: one write for each would cost the stream and the system
 * more than making them.
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export class MessageWriter {
  #buffer = Buffer.allocUnsafeSlow(BLOCK);
  /** Where that begins which has not been taken. What is in front of it belongs to whoever has taken it. */
  #from = 0;
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

  /** Bytes that were written and not taken yet. */
  get size(): number {
    return this.#at - this.#from;
  }

  /** Throws away what was written since there were so many bytes. */
  cutTo(size: number): void {
    this.#at = this.#from + size;
  }

  /** All that was written since the last time. It is never written to again, so nobody has to copy it. */
  take(): Buffer {
    const taken = this.#buffer.subarray(this.#from, this.#at);
    this.#from = this.#at;
    return taken;
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
      this.#room(4);
      // Counted from `#from`, since the text may need a larger buffer.
      const start = this.#at - this.#from;
      this.#at += 4;
      this.#text(value);
      this.#buffer.writeInt32BE(this.#at - this.#from - start - 4, this.#from + start);
      return;
    }
    this.#int32(value.length);
    this.#room(value.length);
    this.#at += value.copy(this.#buffer, this.#at);
  }

  #string(text: string): void {
    this.#text(text);
    this.#byte(0);
  }

  #text(text: string): void {
    const { length } = text;
    // In UTF-8 a unit of a string takes three bytes at most.
    this.#room(length * 3);
    const buffer = this.#buffer;
    // Most values and names are short and ASCII, which takes less time than one call of `write`.
    if (length <= SHORT) {
      let i = 0;
      for (; i < length; i++) {
        const unit = text.charCodeAt(i);
        if (unit > 127) break;
        buffer[this.#at + i] = unit;
      }
      if (i === length) {
        this.#at += length;
        return;
      }
    }
    this.#at += buffer.write(text, this.#at);
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
    const written = this.#at - this.#from;
    const larger = Buffer.allocUnsafeSlow(Math.max(BLOCK, (written + bytes) * 2));
    this.#buffer.copy(larger, 0, this.#from, this.#at);
    this.#start -= this.#from;
    this.#from = 0;
    this.#at = written;
    this.#buffer = larger;
  }
}

const [QUERY, PARSE, BIND, DESCRIBE, EXECUTE, CLOSE, SYNC, PORTAL, STATEMENT] = [..."QPBDECSPS"].map(
  (letter) => letter.charCodeAt(0),
) as [number, number, number, number, number, number, number, number, number];
