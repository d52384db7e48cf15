import type { Dialect } from "../dialect/dialect.ts";
import { scan } from "../dialect/scan.ts";
import type { Statement } from "../driver/driver.ts";

/** The statement with its values in place, quoted for the dialect. For people to read. */
export function mogrified({ text, values }: Statement, dialect: Dialect): string {
  let next = 0;
  const put = (placeholder: string, number: string | undefined): string => {
    const at = number === undefined ? next++ : Number(number) - 1;
    return at < values.length ? dialect.literal(values[at]) : placeholder;
  };
  const pattern = dialect.name === "postgresql" ? /\$(\d+)/g : /\?(\d+)?/g;
  return scan(text, dialect.lexicon)
    .map(({ kind, start, end }) => {
      const part = text.slice(start, end);
      return kind === "code" ? part.replaceAll(pattern, put) : part;
    })
    .join("");
}
