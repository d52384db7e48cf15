/** A line of Prometheus's text format: https://prometheus.io/docs/instrumenting/exposition_formats/ */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Reads the text format. */
export function samples(text: string): Sample[] {
  return text.split("\n").flatMap((line) => {
    const parts = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (parts === null) return [];
    const [, name = "", labels = "", value] = parts;
    const pairs = Array.from(labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g), ([, label = "", is = ""]) => [
      label,
      is,
    ]);
    return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }];
  });
}

/** The value of one sample, which has to be there just once. */
export function sampleOf(text: string, name: string, labels: Readonly<Record<string, string>> = {}): number {
  const fitting = samples(text).filter(
    (sample) =>
      sample.name === name &&
      Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  );
  const [only] = fitting;
  if (only === undefined || fitting.length > 1) {
    throw new Error(`${name} ${JSON.stringify(labels)} is there ${fitting.length} times in:\n${text}`);
  }
  return only.value;
}
