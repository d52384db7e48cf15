import { type ClientRequest, type IncomingMessage, request } from "node:http";

/** A client that can leave in the middle. */
export class Client {
  readonly #request: ClientRequest;
  /** Settles when the headers are there; never where the client left before. */
  readonly response: Promise<IncomingMessage>;
  /** What has come so far. */
  text = "";
  /** `"whole"` or `"cut off"`, once it is over. */
  end: string | undefined;

  constructor(url: string) {
    this.#request = request(url, { agent: false });
    this.response = new Promise((resolve) => this.#request.once("response", resolve));
    this.#request.on("error", () => {
      this.end ??= "cut off";
    });
    this.#request.once("response", (response) => {
      response.setEncoding("utf8");
      response.on("data", (text: string) => {
        this.text += text;
      });
      response.on("error", () => {});
      response.once("close", () => {
        this.end ??= response.complete ? "whole" : "cut off";
      });
    });
    this.#request.end();
  }

  /** Closes the connection without waiting for anything. */
  leave(): void {
    this.#request.destroy();
  }
}
