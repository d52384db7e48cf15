import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { findContact, listContacts, tagsOf, visit } from "./contacts.ts";
import { db } from "./database.ts";

const compress = promisify(gzip);

/** The most connections that were in use at the same time. */
let mostInUse = 0;

/** A web server in which each request has a connection of its own, from its beginning to its answer. */
export const server: Server = createServer((request, response) => {
  db.withConnection(() => respond(request, response)).catch((error: Error) => {
    console.error(error.message);
    if (!response.headersSent) response.writeHead(500);
    response.end();
  });
});

/** What the pool did: how many connections it opened, and how many were in use at once at most. */
export function poolFigures(): { opened: number; mostInUse: number } {
  return { opened: db.stats().connects, mostInUse };
}

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  mostInUse = Math.max(mostInUse, db.stats().inUse);
  const found = await find(request);
  const text = JSON.stringify(found ?? { error: "There is nothing here." });
  response.statusCode = found === null ? 404 : 200;
  response.setHeader("content-type", "application/json");
  if (request.headers["accept-encoding"]?.includes("gzip")) {
    response.setHeader("content-encoding", "gzip").end(await compress(text));
  } else {
    response.end(text);
  }
}

/** `GET /contacts`, `GET /contacts/1`, `POST /contacts/1/visits`; `null` for anything else. */
async function find({ method, url = "/" }: IncomingMessage): Promise<unknown> {
  if (method === "GET" && url === "/contacts") return listContacts();
  const match = /^\/contacts\/(\d{1,9})(\/visits)?$/.exec(url);
  if (match === null || method !== (match[2] ? "POST" : "GET")) return null;
  const id = Number(match[1]);
  const contact = await (match[2] ? visit(id) : findContact(id));
  return contact && { ...contact, tags: await tagsOf(id) };
}
