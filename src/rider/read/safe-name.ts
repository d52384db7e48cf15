/** A name longer than this is cut. File systems take 255 bytes, of which number, ending and `.rollback` need some. */
const LONGEST = 100;

/**
 * The words of a file name for any message: lower case, letters and digits of any script, `-` between them. Never empty, never
 * more than 100 bytes in UTF-8, and without anything that a file system, a shell or a URL reads as more than a name.
 *
 * `"Add contacts table"` gives `add-contacts-table`; `"../a/b"` gives `a-b`; `"!?"` gives `migration`.
 */
export function safeName(message: string): string {
  const plain = message
    // Accents stay with their letter as one character, the same on every file system; ligatures and full-width forms become plain.
    .normalize("NFKC")
    .toLowerCase()
    .normalize("NFKC")
    .replaceAll(/['’]/gu, "")
    .replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, "-");
  let name = "";
  let bytes = 0;
  for (const character of plain) {
    bytes += Buffer.byteLength(character);
    if (bytes > LONGEST) break;
    name += character;
  }
  name = name.replaceAll(/^-+|-+$/g, "");
  return name === "" ? "migration" : name;
}
