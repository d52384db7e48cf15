import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { removeFolder, temporaryFolder } from "./servers/folder.ts";
import { find } from "./servers/mariadb.ts";
import { until } from "./wait.ts";

/** The browser of this machine, without a window; `undefined` where it has none. */
export function findBrowser(): string | undefined {
  return find("chromium", "chromium-headless-shell", "google-chrome");
}

/** A page in a browser, driven by its protocol: https://chromedevtools.github.io/devtools-protocol/ */
export class BrowserPage {
  readonly #socket: WebSocket;
  readonly #answers = new Map<number, (answer: Answer) => void>();
  #asked = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      const answer = JSON.parse(String(data)) as Answer;
      this.#answers.get(answer.id)?.(answer);
      this.#answers.delete(answer.id);
    });
  }

  async goto(url: string): Promise<void> {
    await this.#ask("Page.navigate", { url });
    await this.until(`location.href === ${JSON.stringify(url)} && document.readyState === "complete"`);
  }

  /** What an expression of JavaScript is worth in the page. @throws Error with what it threw */
  async see<Value>(expression: string): Promise<Value> {
    const { result, exceptionDetails } = await this.#ask("Runtime.evaluate", {
      expression,
      returnByValue: true,
      awaitPromise: true,
    });
    if (exceptionDetails !== undefined) throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`);
    return result?.value as Value;
  }

  /** Waits until an expression holds; between two pages there is nothing to ask. */
  async until(expression: string): Promise<void> {
    await until(`${expression} in the browser`, () => this.see<boolean>(expression).catch(() => false));
  }

  #ask(method: string, params: object): Promise<NonNullable<Answer["result"]>> {
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      this.#answers.set(id, ({ result, error }) => {
        if (result === undefined) reject(new Error(`${method}: ${error?.message}`));
        else resolve(result);
      });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }
}

interface Answer {
  readonly id: number;
  readonly result?: { readonly result?: { readonly value?: unknown }; readonly exceptionDetails?: object };
  readonly error?: { readonly message: string };
}

/** Starts a browser with an empty page; gone when the test is over. @throws Error that says what to install */
export async function openBrowser(context: { after(fn: () => Promise<void>): void }): Promise<BrowserPage> {
  const program = findBrowser();
  if (program === undefined) {
    throw new Error(
      'This test drives a real browser, and the machine has none. Install it (Debian: "sudo apt-get install --no-install-recommends chromium") and run again.',
    );
  }
  const folder = temporaryFolder();
  const child = spawn(
    program,
    [
      "--headless",
      // A container's root has no user namespaces, in which the sandbox would live; the page is our own.
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--remote-debugging-port=0",
      `--user-data-dir=${folder}`,
      "about:blank",
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  context.after(async () => {
    await end(child);
    removeFolder(folder);
  });
  let said = "";
  child.stderr.on("data", (text) => {
    said += text;
  });
  const port = await until("the browser listens", () => {
    if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}: ${said}`);
    return /DevTools listening on ws:\/\/[^:]+:(\d+)/.exec(said)?.[1] ?? "";
  });
  const page = await until("the browser has a page", async () => {
    const targets = await (await fetch(`http://127.0.0.1:${port}/json/list`)).json();
    return (targets as Target[]).find(({ type }) => type === "page")?.webSocketDebuggerUrl ?? "";
  });
  const socket = new WebSocket(page);
  await once(socket, "open");
  return new BrowserPage(socket);
}

interface Target {
  readonly type: string;
  readonly webSocketDebuggerUrl: string;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, "close");
  child.kill();
  await closed;
}
