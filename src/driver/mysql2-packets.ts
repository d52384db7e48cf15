import type { MysqlClient, MysqlPacket, MysqlUnderWay } from "./mysql2-client.ts";

/*
 * What can be read from the packets and commands that go by on a connection of `mysql2`, whoever sent them.
 */

/** First bytes of packets: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_response_packets.html */
const OK = 0x00;
const ERR = 0xff;

/** The server's status flags, where the packet is the answer to a statement that gives no rows. */
export function okStatus(packet: MysqlPacket, command: MysqlUnderWay | null | undefined): number | undefined {
  // Elsewhere a packet may begin with the same byte: a row of binary values always does.
  if (!command || command.resultsetHeader === undefined || command.next !== command.resultsetHeader)
    return undefined;
  const { buffer, offset } = packet;
  if (buffer[offset] !== OK) return undefined;
  // Behind the numbers of changed rows and of the last key made.
  return buffer.readUInt16LE(behindNumber(buffer, behindNumber(buffer, offset + 1)));
}

/** https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_dt_integers.html#sect_protocol_basic_dt_int_le */
function behindNumber(buffer: Buffer, at: number): number {
  const first = buffer[at];
  return at + (first === 0xfc ? 3 : first === 0xfd ? 4 : first === 0xfe ? 9 : 1);
}

/** The error's number, where the packet tells of one. */
export function errnoOf({ buffer, offset }: MysqlPacket): number | undefined {
  return buffer[offset] === ERR ? buffer.readUInt16LE(offset + 1) : undefined;
}

/**
 * Whether statements are under way or waiting.
 *
 * @param failing whether the one under way has just got its last packet, of which the client does not know yet
 */
export function isRunning({ _command, _commands }: MysqlClient, failing = false): boolean {
  if (_commands.length > 0) return true;
  return !failing && _command !== undefined && _command !== null && _command.next !== null;
}

/** The text of the statement that a command sends, where it sends one. */
export function textOf(command: Partial<MysqlUnderWay>): string | undefined {
  const text = command.sql ?? command.query ?? command.statement?.query;
  return typeof text === "string" ? text : undefined;
}

/** Whether a command makes the connection another user's. */
export function changesUser(command: MysqlUnderWay): boolean {
  return "currentConfig" in command;
}
