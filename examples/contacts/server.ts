import { createServer, type IncomingMessage, type Server } from "node:http";
import { findContact, listContacts, tagsOf, visit } from "./contacts.ts";
import { db } from "./database.ts";

/** The most connections that were in use at the same time. */
let mostInUse = 0;

/** A web server in which each request has a connection of its own, from its first statement to its answer. */
export const server: Server = createServer(async (request, response) => {
  try {
    const [status, body] = await db.withConnection(() => {
      mostInUse = Math.max(mostInUse, db.stats().inUse);
      return answer(request);
    });
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  } catch (error) {
    console.error(error);
    response.writeHead(500).end();
  }
});

/** What the pool did: how many connections it opened, and how many were in use at once at most. */
export function poolFigures(): { opened: number; mostInUse: number } {
  return { opened: db.stats().connects, mostInUse };
}

async function answer({ method, url = "/" }: IncomingMessage): Promise<[status: number, body: unknown]> {
  if (method === "GET" && url === "/contacts") return [200, await listContacts()];
  const [, idText, action] = /^\/contacts\/(\d+)(\/visits)?$/.exec(url) ?? [];
  const id = Number(idText);
  const contact =
    idText === undefined
      ? null
      : method === "POST" && action
        ? await visit(id)
        : method === "GET" && !action
          ? await findContact(id)
          : null;
  if (contact === null) return [404, { error: "There is no such contact." }];
  return [200, { ...contact, tags: await tagsOf(id) }];
}
