/** What one process measures: one contestant at one thing. */
export interface Trial {
  readonly part: string;
  readonly case: string;
  readonly contestant: string;
  /** How many callers there are at once. */
  readonly width: number;
  /** How long is measured. */
  readonly seconds: number;
  /** How long it runs before that. */
  readonly warmUp: number;
  /** Where the part's servers are. */
  readonly urls: Readonly<Partial<Record<Server, string>>>;
  /** The only processor that it may run on. */
  readonly processor?: string;
}

/** Servers that a part needs; they are started for it. */
export type Server = "postgresql" | "mysql";

/** What a trial found, by the metric's name. */
export type Figures = Readonly<Record<string, number>>;

/** Somebody who is measured. */
export interface Contestant {
  readonly name: string;
  /** The packages to install for it. */
  readonly peers: readonly string[];
  /** Does the work, checks the answers, and tells the figures. Runs in a process of its own. */
  run(trial: Trial): Promise<Figures>;
  /** Where it can't take part on this machine: why. */
  missing?(): Promise<string | undefined>;
}

/** One thing that all contestants do, at several widths. */
export interface Case {
  readonly name: string;
  readonly title: string;
  /** Numbers of callers at once, or of what `unit` says. */
  readonly widths: readonly number[];
  /** @default "callers" */
  readonly unit?: string;
  readonly contestants: readonly Contestant[];
  /** What to show, in this order; the first is what contestants are compared by. */
  readonly metrics: readonly Metric[];
  /** Instead of the usual length of a trial. */
  readonly seconds?: number;
}

/** A figure's name and unit. */
export interface Metric {
  readonly name: string;
  readonly title: string;
  readonly better: "more" | "less";
}

/** What is aimed at: `figure` of one contestant divided by that of another, or by a number. */
export interface Target {
  readonly case: string;
  readonly width: number;
  readonly metric: string;
  /** A contestant; the best of them where there are several. */
  readonly ours: string | readonly string[];
  /** The same. Absent, the figure itself is held against the limit. */
  readonly than?: readonly string[];
  /** Divides by the same contestant's own figure at this width. */
  readonly thanOwnWidth?: number;
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** A group of cases with what has to be known about them. */
export interface Part {
  readonly name: string;
  readonly title: string;
  /** What is done, so that a reader can judge whether it is the same for everybody. */
  readonly about: readonly string[];
  readonly leftOut: readonly string[];
  /** Where the figures flatter us, or wrong us. */
  readonly flatters: readonly string[];
  readonly needs: readonly Server[];
  /** Whether a lone caller has a processor and the servers another; see `processors`. */
  readonly apart?: boolean;
  /** How often everything is measured, where the command line does not say. What a close target is about, up to three times as often. */
  readonly rounds: number;
  readonly cases: readonly Case[];
  readonly targets: readonly Target[];
  /** Fills the servers with what the trials read. */
  prepare?(urls: Trial["urls"]): Promise<void>;
}
