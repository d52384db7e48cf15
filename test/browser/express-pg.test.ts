import assert from "node:assert/strict";
import { test } from "node:test";
import { findBrowser, openBrowser } from "../support/browser.ts";
import { freshDatabase } from "../support/database.ts";
import { startExample } from "../support/example.ts";

// A browser is a heavy thing to ask of everybody: where there is none, only who asks for these tests is told what is missing.
if (findBrowser() !== undefined || process.env.APOCRYPHAN_BROWSER !== undefined) {
  test("a person adds and deletes contacts in a browser, and a name that is there already is refused", async (t) => {
    const database = await freshDatabase("postgresql", t);
    const args = ["--conditions=apocryphan-source", "examples/express-pg/start.ts"];
    const { url } = await startExample(t, args, { DATABASE_URL: database.url });
    const page = await openBrowser(t);
    await page.goto(url);
    assert.equal(await page.see("document.title"), "Contacts");
    const names = `[...document.querySelectorAll("#contacts li")].map((item) => item.firstChild.data.trim())`;
    const add = async (name: string, done: string): Promise<void> => {
      await page.see(`document.querySelector("#add input").value = ${JSON.stringify(name)}`);
      await page.see(`document.querySelector("#add button").click()`);
      await page.until(`document.readyState === "complete" && ${done}`);
    };
    await add("Grace", `${names}.includes("Grace")`);
    await add("Ada <3", `${names}.includes("Ada <3")`);
    assert.deepEqual(await page.see(names), ["Ada <3", "Grace"]);
    await add("Grace", `document.querySelector(".problem") !== null`);
    assert.equal(await page.see(`document.querySelector(".problem").textContent`), "Grace is there already.");
    assert.deepEqual(await page.see(names), ["Ada <3", "Grace"]);
    await page.see(`document.querySelector("#contacts button").click()`);
    await page.until(`document.readyState === "complete" && !${names}.includes("Ada <3")`);
    assert.deepEqual(await page.see(names), ["Grace"]);
    assert.match(await page.see("document.body.textContent"), /3 changes so far/);
    assert.deepEqual(await database.exec("select name from contacts"), [{ name: "Grace" }]);
  });
}
