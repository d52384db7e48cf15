/**
 * The `depends` of a TypeScript or JavaScript migration, read from its text without running it: `[]` where there is none, `null`
 * where it is anything but a plain list of plain strings, so that only importing the file can tell.
 *
 * Told from comments and strings by a rough reading that errs to `null`.
 */
export function staticDepends(text: string): string[] | null {
  const bare = withoutComments(text);
  if (bare === null) return null;
  if (!/\bdepends\b/.test(bare)) return [];
  const match =
    /^[ \t]*export[ \t]+(?:const|let|var)[ \t]+depends(?:[ \t]*:[^=\n]*)?\s*=\s*\[([^\]]*)\](?:[ \t]*as[ \t]+const)?[ \t]*(?:;|$)/m.exec(
      bare,
    );
  // A second mention may change the list, or the first may stand in a string.
  if (!match || bare.match(/\bdepends\b/g)?.length !== 1) return null;
  const ids: string[] = [];
  const item = /\s*(?:"([^"\\\n]*)"|'([^'\\\n]*)'|`([^`\\$]*)`)\s*(?:,|$)/y;
  const list = (match[1] ?? "").trim();
  while (item.lastIndex < list.length) {
    const found = item.exec(list);
    if (!found) return null;
    ids.push(found[1] ?? found[2] ?? found[3] ?? "");
  }
  return ids;
}

/** The text with its comments blanked; `null` where a comment's mark may as well stand in a string or a regular expression. */
function withoutComments(text: string): string | null {
  let bare = "";
  const piece =
    /"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'|`(?:[^`\\]|\\[\s\S])*`|\/\*[\s\S]*?\*\/|\/\/.*|\/|[^"'`/]+|["'`]/y;
  while (piece.lastIndex < text.length) {
    const found = piece.exec(text)?.[0];
    if (found === undefined || found === '"' || found === "'" || found === "`") return null;
    if (found.startsWith("/*") || found.startsWith("//")) bare += " ";
    // A division or a regular expression: which one, only a parser knows.
    else if (found === "/") return null;
    else bare += found;
  }
  return bare;
}
