/** The page of the example, as text. */

export interface Contact {
  readonly id: number;
  readonly name: string;
}

/** The contacts, each with a button that deletes it, and a form for the next. */
export function contactsPage(contacts: readonly Contact[], changes: number, problem = ""): string {
  const items = contacts.map(
    ({ id, name }) =>
      `<li>${escaped(name)} <form method="post" action="/contacts/${id}/delete"><button>Delete</button></form></li>`,
  );
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Contacts</title>
    <style>
      body { font: 1rem/1.5 system-ui; max-width: 30rem; margin: 2rem auto; }
      li form { display: inline; }
      .problem { color: #b00020; }
    </style>
  </head>
  <body>
    <h1>Contacts</h1>
    ${problem === "" ? "" : `<p class="problem">${escaped(problem)}</p>`}
    <ul id="contacts">${items.join("\n")}</ul>
    <form id="add" method="post" action="/contacts">
      <label>Name <input name="name" required></label> <button>Add</button>
    </form>
    <p>${changes} changes so far.</p>
  </body>
</html>`;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escaped(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? "");
}
